import LangevinCore
import LangevinData

/// The parameters of a network or of any other potential at one moment, in the precision of the run.
public enum Parameters: Sendable {
  /// Single precision.
  case single(Tensor<Float>)
  /// Double precision.
  case double(Tensor<Double>)

  /// Parameters from a tensor of either kind.
  package init<Element: Scalar>(_ tensor: Tensor<Element>) {
    if let single = tensor as? Tensor<Float> {
      self = .single(single)
    } else {
      self = .double((tensor as? Tensor<Double>) ?? tensor.converted())
    }
  }

  /// The number of parameters.
  public var count: Int {
    switch self {
    case .single(let tensor): tensor.count
    case .double(let tensor): tensor.count
    }
  }

  /// As a tensor of one kind.
  public func tensor<Element: Scalar>(of type: Element.Type = Element.self) -> Tensor<Element> {
    switch self {
    case .single(let tensor): (tensor as? Tensor<Element>) ?? tensor.converted()
    case .double(let tensor): (tensor as? Tensor<Element>) ?? tensor.converted()
    }
  }

  /// The bytes, lowest first on all supported machines.
  func withBytes<Value, Failure: Error>(_ body: (UnsafeRawBufferPointer) throws(Failure) -> Value) throws(Failure)
    -> Value
  {
    switch self {
    case .single(let tensor):
      try tensor.withPointer { (base) throws(Failure) in
        try body(UnsafeRawBufferPointer(start: base, count: 4 * tensor.count))
      }
    case .double(let tensor):
      try tensor.withPointer { (base) throws(Failure) in
        try body(UnsafeRawBufferPointer(start: base, count: 8 * tensor.count))
      }
    }
  }
}

/// The draws of one chain as a NumPy file, `[draws, parameters]`, that grows by a row for each draw.
///
/// The header has a fixed length, and the number of draws in it is set right in place after each row. So at every moment,
/// also while the run goes on or after it was killed, `numpy.load(path, mmap_mode="r")` shows all complete rows.
package final class DrawsFile {
  /// Bytes before the first number.
  static let headerLength = 128

  /// The number of draws written.
  package private(set) var drawCount: Int
  /// The number of parameters of a draw.
  package let parameterCount: Int
  private let isSingle: Bool
  private let file: OutputFile

  /// Opens a file for draws; `keeping` cuts it back to that many, as a resumed run does.
  package init(_ path: String, parameterCount: Int, single: Bool, keeping draws: Int = 0) throws(FileFormatError) {
    self.parameterCount = parameterCount
    isSingle = single
    drawCount = draws
    let length = draws == 0 ? 0 : Self.headerLength + draws * parameterCount * (single ? 4 : 8)
    file = try OutputFile(path, keeping: length)
    if draws == 0 { try file.append(header) } else { try file.overwrite(header, at: 0) }
  }

  /// Appends a draw.
  package func append(_ draw: Parameters) throws(FileFormatError) {
    precondition(draw.count == parameterCount, "a draw of \(draw.count) parameters in a file for \(parameterCount)")
    try draw.withBytes { (bytes) throws(FileFormatError) in try file.append(bytes) }
    drawCount += 1
    try file.overwrite(header, at: 0)
  }

  /// Waits until all draws are on the disk.
  package func flush() throws(FileFormatError) { try file.flush() }

  /// Format version 1.0 of NumPy: magic, version, length of the rest, a Python literal padded with spaces, a line feed.
  private var header: [UInt8] {
    let count = String(drawCount)
    let padded = String(repeating: " ", count: max(0, 12 - count.count)) + count
    let literal =
      "{'descr': '<\(isSingle ? "f4" : "f8")', 'fortran_order': False, 'shape': (\(padded), \(parameterCount)), }"
    var bytes: [UInt8] = [0x93] + Array("NUMPY".utf8) + [1, 0]
    bytes.append(littleEndian: UInt16(Self.headerLength - 10))
    bytes += literal.utf8
    bytes += repeatElement(0x20, count: Self.headerLength - 1 - bytes.count)
    return bytes + [0x0A]
  }
}

/// The stored draws of runs, read one at a time.
struct DrawsReader<Element: Scalar> {
  /// The draws of each chain, numbered through.
  private(set) var chains: [Range<Int>] = []
  private var files: [RawFile] = []
  private let parameterCount: Int
  private let isSingle: Bool

  /// The draws of all chains of runs.
  init(_ folders: [RunFolder], parameterCount: Int, single: Bool) throws {
    try self.init(
      folders.flatMap { folder in folder.chains.map { (folder, $0) } }, parameterCount: parameterCount, single: single)
  }

  /// The draws of some chains.
  init(_ sources: [(folder: RunFolder, chain: Int)], parameterCount: Int, single: Bool) throws {
    self.parameterCount = parameterCount
    isSingle = single
    let size = parameterCount * (single ? 4 : 8)
    var total = 0
    for (folder, chain) in sources where RunFolder.exists(folder.draws(chain)) {
      let file = try RawFile(path: folder.draws(chain))
      // Rows that a kill cut short are no draws.
      let count = max(0, file.size - DrawsFile.headerLength) / size
      chains.append(total..<total + count)
      files.append(file)
      total += count
    }
    guard total > 0 else {
      throw FileError(
        sources.first?.folder.path ?? ".", "holds no stored draws: the run is still in its warm-up, or draw-every is 0")
    }
  }

  /// The number of draws.
  var count: Int { chains.last?.upperBound ?? 0 }

  /// At most so many draws, evenly spread.
  func spread(_ most: Int) -> [Int] {
    let wanted = min(most, count)
    return (0..<wanted).map { $0 * count / wanted }
  }

  /// One draw.
  func draw(_ number: Int) throws -> Tensor<Element> {
    let bytes = try bytes(number, 0..<parameterCount)
    var draw = Tensor<Element>(Array(repeating: 0, count: parameterCount))
    for index in 0..<parameterCount {
      draw[index] =
        isSingle
        ? Element(Float(bitPattern: bytes.littleEndian(UInt32.self, at: 4 * index)))
        : Element(Double(bitPattern: bytes.littleEndian(UInt64.self, at: 8 * index)))
    }
    return draw
  }

  /// Some parameters of one draw, as they are stored.
  func bytes(_ number: Int, _ range: Range<Int>) throws -> [UInt8] {
    guard let chain = chains.firstIndex(where: { $0.contains(number) }) else {
      throw FileError(files[0].path, "has no draw \(number), only \(count)")
    }
    let size = isSingle ? 4 : 8
    let place = (number - chains[chain].lowerBound) * parameterCount + range.lowerBound
    return try files[chain].read(range.count * size, at: DrawsFile.headerLength + place * size)
  }
}

extension RunFolder {
  /// The last stored draw of each chain, for a run on the same network to start from.
  func lastDraws<Element: Scalar>(of network: MLP) throws -> [Tensor<Element>] {
    let settings = try readConfiguration().network
    guard settings.frozenLayers == 0 else {
      throw FileError(
        path,
        "holds draws of some layers only, the others being frozen; expected a run of the whole network")
    }
    let own = try settings.makeNetwork()
    guard own == network else {
      throw FileError(path, "holds draws of the network \(own), expected \(network) to start from them")
    }
    let reader = try DrawsReader<Element>(
      [self], parameterCount: network.layout.count, single: try readRecord().precision == .single)
    return try reader.chains.filter { !$0.isEmpty }.map { try reader.draw($0.upperBound - 1) }
  }
}
