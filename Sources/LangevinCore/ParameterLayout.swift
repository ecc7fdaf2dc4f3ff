/// The names and places of the parameters in the one flat vector that holds them all.
///
///     let layout = network.layout
///     layout["layer1.weight"]          // a Block: name, range, shape
///     try layout.partition(["layer1"]) // weight and bias of the first layer
public struct ParameterLayout: Hashable, Sendable {
  /// One named stretch of the vector: a weight matrix or a bias vector.
  public struct Block: Hashable, Sendable {
    /// Such as `layer1.weight`.
    public let name: String
    /// Its shape: `[outputs, inputs]` for a weight.
    public let shape: [Int]
    /// Its place in the vector.
    public let range: Range<Int>
  }

  /// The blocks in the order of the vector.
  public let blocks: [Block]

  /// The length of the vector.
  public var count: Int { blocks.last?.range.upperBound ?? 0 }

  /// A layout from names and shapes, in order.
  public init(_ blocks: [(name: String, shape: [Int])]) throws(LangevinError) {
    var placed: [Block] = []
    var start = 0
    for (name, shape) in blocks {
      try require(
        !placed.contains { $0.name == name }, "the block name '\(name)'", is: "used twice", expected: "unique")
      var count = 1
      for length in shape {
        try require(length >= 0, "the shape of block '\(name)'", is: shape, expected: "lengths of 0 or more")
        let (product, overflow) = count.multipliedReportingOverflow(by: length)
        guard !overflow else { throw .tooLarge("block '\(name)'", sizes: shape) }
        count = product
      }
      let (end, overflow) = start.addingReportingOverflow(count)
      guard !overflow, end < 1 << 33 else { throw .tooLarge("the parameter vector", sizes: [start, count]) }
      placed.append(Block(name: name, shape: shape, range: start..<end))
      start = end
    }
    self.blocks = placed
  }

  /// A vector without structure, as one block.
  public init(count: Int, name: String = "position") throws(LangevinError) {
    try self.init([(name, [count])])
  }

  /// The block of that name.
  public subscript(name: String) -> Block? { blocks.first { $0.name == name } }

  /// The name of the block that holds an element, for messages.
  package func blockName(at element: Int) -> String {
    blocks.first { $0.range.contains(element) }?.name ?? "element \(element)"
  }
}

/// A set of parameters: ranges of the flat vector, in order and apart.
package struct Partition: Hashable, Sendable {
  /// How the partition is called in plans, tables and messages.
  package let name: String
  /// The ranges, ascending; neighbours that touch are one.
  package let ranges: [Range<Int>]

  /// The number of parameters.
  package var count: Int { ranges.reduce(0) { $0 + $1.count } }

  /// A partition from ranges, which may come in any order but not overlap.
  package init(_ name: String, ranges: [Range<Int>]) throws(LangevinError) {
    var merged: [Range<Int>] = []
    for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) where !range.isEmpty {
      guard let last = merged.last else {
        merged.append(range)
        continue
      }
      try require(
        range.lowerBound >= last.upperBound, "partition '\(name)'", is: "naming element \(range.lowerBound) twice",
        expected: "ranges that do not overlap")
      if range.lowerBound == last.upperBound {
        merged[merged.count - 1] = last.lowerBound..<range.upperBound
      } else {
        merged.append(range)
      }
    }
    try require(!merged.isEmpty, "partition '\(name)'", is: "empty", expected: "at least one parameter")
    self.name = name
    self.ranges = merged
  }
}

extension ParameterLayout {
  /// The whole vector as one partition.
  package var whole: Partition {
    get throws(LangevinError) { try Partition("all", ranges: [0..<count]) }
  }

  /// The partition of the named blocks; `layer1` stands for all blocks whose names begin with `layer1.`.
  package func partition(_ names: [String], called name: String? = nil) throws(LangevinError) -> Partition {
    var ranges: [Range<Int>] = []
    for wanted in names {
      let found = blocks.filter { $0.name == wanted || $0.name.hasPrefix(wanted + ".") }
      try require(
        !found.isEmpty, "the block", is: "'\(wanted)'",
        expected: "one of \(blocks.map(\.name).joined(separator: ", "))")
      ranges += found.map(\.range)
    }
    return try Partition(name ?? names.joined(separator: "+"), ranges: ranges)
  }

  /// One partition for each layer: the blocks that share the part of their names before the first dot.
  package func layers() throws(LangevinError) -> [Partition] {
    var names: [String] = []
    for block in blocks {
      let layer = String(block.name.prefix { $0 != "." })
      if !names.contains(layer) { names.append(layer) }
    }
    var partitions: [Partition] = []
    for name in names { partitions.append(try partition([name])) }
    return partitions
  }

  /// Throws unless the partitions cover every parameter exactly once.
  package func check(_ partitions: [Partition]) throws(LangevinError) {
    let pieces = partitions.flatMap { partition in partition.ranges.map { (range: $0, name: partition.name) } }
      .sorted { $0.range.lowerBound < $1.range.lowerBound }
    var end = 0
    var owner = "the start"
    for piece in pieces {
      try require(
        piece.range.lowerBound >= end, "block '\(blockName(at: piece.range.lowerBound))'",
        is: "in partitions '\(owner)' and '\(piece.name)'", expected: "in one of them")
      try require(
        piece.range.lowerBound == end, "block '\(blockName(at: end))'", is: "in no partition",
        expected: "every block in one of \(partitions.map(\.name).joined(separator: ", "))")
      end = piece.range.upperBound
      owner = piece.name
    }
    try require(
      end <= count, "partition '\(owner)'", is: "reaching to element \(end)", expected: "at most \(count) parameters")
    try require(
      end == count, "block '\(blockName(at: end))'", is: "in no partition",
      expected: "every block in one of \(partitions.map(\.name).joined(separator: ", "))")
  }
}
