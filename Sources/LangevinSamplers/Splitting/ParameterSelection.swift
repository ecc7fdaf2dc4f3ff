import LangevinCore

/// Which parameters a partition or a thermostat group holds, before it is known how many there are.
public enum ParameterSelection: Hashable, Sendable, ExpressibleByArrayLiteral {
  /// Those that no other partition names: all of them, if there is no other.
  case rest
  /// Blocks by name; `layer1` stands for all blocks whose names begin with `layer1.`.
  case blocks([String])
  /// Ranges of the flat vector.
  case ranges([Range<Int>])

  /// Blocks by name.
  public init(arrayLiteral names: String...) { self = .blocks(names) }

  /// The parameters in a layout, nil for the rest.
  func resolved(in layout: ParameterLayout, called name: String) throws(LangevinError) -> Partition? {
    switch self {
    case .rest: nil
    case .blocks(let names): try layout.partition(names, called: name)
    case .ranges(let ranges): try Partition(name, ranges: ranges)
    }
  }
}

extension ParameterLayout {
  /// The partitions of a list of selections, which must hold every parameter once.
  func partitions(_ selections: [(name: String, selection: ParameterSelection)]) throws(LangevinError) -> [Partition] {
    var named: [Partition?] = []
    for (name, selection) in selections { named.append(try selection.resolved(in: self, called: name)) }
    let taken = named.compactMap(\.self)
    var partitions: [Partition] = []
    for (index, (name, _)) in selections.enumerated() {
      if let partition = named[index] {
        partitions.append(partition)
      } else {
        partitions.append(try Partition(name, ranges: complement(of: taken)))
      }
    }
    try check(partitions)
    return partitions
  }

  private func complement(of partitions: [Partition]) -> [Range<Int>] {
    var left: [Range<Int>] = []
    var start = 0
    for range in partitions.flatMap(\.ranges).sorted(by: { $0.lowerBound < $1.lowerBound }) {
      if start < range.lowerBound { left.append(start..<range.lowerBound) }
      start = max(start, range.upperBound)
    }
    if start < count { left.append(start..<count) }
    return left
  }
}

extension Partition {
  /// The blocks of the partition, or the parts of blocks, each with the name of its block.
  func blocks(of layout: ParameterLayout) throws(LangevinError) -> [Partition] {
    var parts: [Partition] = []
    for block in layout.blocks {
      let ranges = ranges.map { $0.clamped(to: block.range) }.filter { !$0.isEmpty }
      if !ranges.isEmpty { parts.append(try Partition(block.name, ranges: ranges)) }
    }
    return parts
  }
}

extension ParameterSelection: SettingValue {
  /// Blocks or layers by name, with + between them.
  package init?(settingText text: String) {
    let names = text.split(separator: "+", omittingEmptySubsequences: false).map(String.init)
    if names.contains("") { return nil }
    self = .blocks(names)
  }
  /// The names with + between them; ranges as they are written in Swift.
  package var settingText: String? {
    switch self {
    case .rest: "rest"
    case .blocks(let names): names.joined(separator: "+")
    case .ranges(let ranges): ranges.map { "\($0)" }.joined(separator: "+")
    }
  }
  /// Names.
  package static func expectation(in range: SettingRange) -> String {
    "names of layers or blocks with + between them, such as layer1+layer2.bias"
  }
}
