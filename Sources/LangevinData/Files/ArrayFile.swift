import LangevinCore

/// An array of numbers in a file, of which the header has been read and checked and the numbers are still to come.
///
/// IDX and NPY differ in their headers only: both hold a type, dimensions and then the numbers.
final class ArrayFile {
  /// What a header says.
  struct Layout {
    var type: ElementType
    var isBigEndian: Bool
    /// The lengths of the dimensions as the array is indexed.
    var shape: [Int]
    /// Whether the first dimension varies fastest in the file.
    var isColumnMajor = false
  }

  let source: ByteSource
  let layout: Layout
  var path: String { source.path }
  var count: Int { layout.shape.reduce(1, *) }

  /// Reads the header of an IDX or NPY file, told apart by the first byte.
  convenience init(path: String, decompressingAtMost limit: Int? = nil) throws(FileFormatError) {
    try self.init(ByteSource(path: path, decompressingAtMost: limit))
  }

  convenience init(_ source: ByteSource) throws(FileFormatError) {
    let start = try source.take(4, "the start of an IDX or NPY file")
    try self.init(source, start[0] == 0x93 ? NPYFile.layout(source, start) : IDXFile.layout(source, start))
  }

  /// Checks the layout against the size of the file, before anything is reserved for it.
  init(_ source: ByteSource, _ layout: Layout) throws(FileFormatError) {
    self.source = source
    self.layout = layout
    var bytes = layout.type.size
    for length in layout.shape {
      let (product, overflow) = bytes.multipliedReportingOverflow(by: length)
      guard !overflow, product < 1 << 56 else {
        throw error(.shape, found: "dimensions \(layout.shape)", expected: "dimensions whose product can be addressed")
      }
      bytes = product
    }
    if bytes > source.remainingBound {
      throw source.isCompressed
        ? error(
          .tooLarge, found: "\(bytes) bytes of numbers of dimensions \(layout.shape)",
          expected:
            "at most the \(source.remainingBound) bytes that may be decompressed; raise the limit for a trusted file")
        : error(
          .truncated, found: "\(source.remainingBound) bytes after the header",
          expected: "\(bytes) bytes for \(layout.type.rawValue) of dimensions \(layout.shape)")
    }
    if !source.isCompressed, bytes < source.remainingBound {
      throw error(
        .trailingBytes, found: "\(source.remainingBound) bytes after the header",
        expected: "\(bytes) bytes for \(layout.type.rawValue) of dimensions \(layout.shape)")
    }
  }

  private func error(_ problem: FileFormatError.Problem, found: String, expected: String) -> FileFormatError {
    FileFormatError(problem, path, at: .byte(source.offset), found: found, expected: expected)
  }

  /// All numbers, in row-major order.
  func tensor<Element: Scalar>(as type: Element.Type = Element.self) throws(FileFormatError) -> Tensor<Element> {
    var tensor = try asFileError(path) { () throws(LangevinError) in try Tensor<Element>(uninitialized: layout.shape) }
    let count = count
    try tensor.withMutablePointer { (base: UnsafeMutablePointer<Element>) throws(FileFormatError) in
      if count == 0 { return }
      if layout.isColumnMajor && layout.shape.count > 1 {
        try readColumnMajor(base)
      } else {
        try read(into: UnsafeMutableBufferPointer(start: base, count: count))
      }
    }
    try source.expectEnd("the numbers")
    return tensor
  }

  /// Puts each number of a file in which the first index varies fastest where it belongs.
  private func readColumnMajor<Element: Scalar>(_ base: UnsafeMutablePointer<Element>) throws(FileFormatError) {
    let shape = layout.shape
    var strides = [Int](repeating: 1, count: shape.count)
    for axis in shape.indices.dropLast().reversed() { strides[axis] = strides[axis + 1] * shape[axis + 1] }
    let run = shape[0]
    let numbers = UnsafeMutableBufferPointer<Element>.allocate(capacity: min(run, 4096))
    defer { numbers.deallocate() }
    var index = [Int](repeating: 0, count: shape.count)
    for _ in 0..<count / run {
      let corner = zip(index, strides).reduce(0) { $0 + $1.0 * $1.1 }
      for start in Swift.stride(from: 0, to: run, by: numbers.count) {
        let part = UnsafeMutableBufferPointer(rebasing: numbers[..<min(numbers.count, run - start)])
        try read(into: part)
        for place in part.indices { base[corner + (start + place) * strides[0]] = part[place] }
      }
      var axis = 1
      while axis < shape.count {
        index[axis] += 1
        if index[axis] < shape[axis] { break }
        index[axis] = 0
        axis += 1
      }
    }
  }

  /// The next numbers in the order of the file, times a factor.
  @specialized(where Element == Float)
  @specialized(where Element == Double)
  func read<Element: Scalar>(
    into numbers: UnsafeMutableBufferPointer<Element>, dividedBy divisor: Element = 1
  ) throws(FileFormatError) {
    let size = layout.type.size
    var done = 0
    while done < numbers.count {
      let count = min(numbers.count - done, scratch.count / size)
      let first = source.offset
      let bytes = UnsafeMutableRawBufferPointer(rebasing: scratch[..<(count * size)])
      try source.read(into: bytes, "\(self.count) numbers of type \(layout.type.rawValue)")
      let part = UnsafeMutableBufferPointer(rebasing: numbers[done..<done + count])
      decode(UnsafeRawBufferPointer(bytes), into: part, dividedBy: divisor)
      if !layout.type.isInteger, let place = part.firstIndex(where: { !$0.isFinite }) {
        throw FileFormatError(
          .nonFinite, path, at: .byte(first + place * size),
          found: "NaN, infinity or a number beyond the precision in use",
          expected: "finite numbers")
      }
      done += count
    }
  }

  private let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 64)
  deinit { scratch.deallocate() }

  @inline(__always)
  private func decode<Element: Scalar>(
    _ bytes: UnsafeRawBufferPointer, into numbers: UnsafeMutableBufferPointer<Element>, dividedBy divisor: Element
  ) {
    @inline(__always)
    func integers<Stored: FixedWidthInteger>(_ type: Stored.Type) {
      for index in numbers.indices {
        let stored = bytes.loadUnaligned(fromByteOffset: index * MemoryLayout<Stored>.size, as: Stored.self)
        numbers[index] =
          Element(layout.isBigEndian ? Stored(bigEndian: stored) : Stored(littleEndian: stored)) / divisor
      }
    }
    @inline(__always)
    func bits<Stored: FixedWidthInteger>(_ type: Stored.Type, _ value: (Stored) -> Element) {
      for index in numbers.indices {
        let stored = bytes.loadUnaligned(fromByteOffset: index * MemoryLayout<Stored>.size, as: Stored.self)
        numbers[index] = value(layout.isBigEndian ? Stored(bigEndian: stored) : Stored(littleEndian: stored))
      }
    }
    switch layout.type {
    case .bool: bits(UInt8.self) { $0 == 0 ? 0 : 1 }
    case .uint8: integers(UInt8.self)
    case .int8: integers(Int8.self)
    case .uint16: integers(UInt16.self)
    case .int16: integers(Int16.self)
    case .uint32: integers(UInt32.self)
    case .int32: integers(Int32.self)
    case .uint64: integers(UInt64.self)
    case .int64: integers(Int64.self)
    case .float32: bits(UInt32.self) { Element(Float(bitPattern: $0)) }
    case .float64: bits(UInt64.self) { Element(Double(bitPattern: $0)) }
    }
  }
}
