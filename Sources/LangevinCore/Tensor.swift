/// Numbers in a row-major block of memory, 64-byte aligned, with value semantics.
///
/// Copies share their memory until one of them is written to. A parameter vector is a tensor of rank 1, a data set one
/// of rank 2. Elements are read and written through ``span`` and ``mutableSpan``, or one at a time by subscript.
///
///     var matrix = try Tensor<Float>(shape: [2, 3], repeating: 0)
///     matrix[1, 2] = 5
///
/// There is no arithmetic here: sums and products over tensors are the business of the kernels.
public struct Tensor<Element: Scalar>: Sendable {
  /// The lengths of the dimensions, the slowest first.
  public let shape: [Int]
  private var storage: AlignedStorage<Element>

  /// The number of elements.
  public var count: Int { storage.count }

  /// A tensor of equal elements.
  public init(shape: [Int], repeating element: Element = 0) throws(LangevinError) {
    self.init(uninitialized: shape, count: try Self.count(of: shape))
    storage.base.update(repeating: element, count: storage.count)
  }

  /// A tensor from its elements in row-major order.
  public init(shape: [Int], _ elements: some Collection<Element>) throws(LangevinError) {
    let count = try Self.count(of: shape)
    guard elements.count == count else {
      throw .shape(of: "the list of elements", found: [elements.count], expected: shape)
    }
    self.init(uninitialized: shape, count: count)
    _ = storage.buffer.update(fromContentsOf: elements)
  }

  /// A vector.
  public init(_ elements: some Collection<Element>) {
    self.init(uninitialized: [elements.count], count: elements.count)
    _ = storage.buffer.update(fromContentsOf: elements)
  }

  /// A vector of `count` zeros: where a chain on a potential of your own may start.
  public init(zeros count: Int) {
    self.init(uninitialized: [count], count: count)
    storage.base.update(repeating: 0, count: count)
  }

  /// A tensor whose memory has not been written to, to be filled completely through ``withMutablePointer(_:)``.
  package init(uninitialized shape: [Int]) throws(LangevinError) {
    self.init(uninitialized: shape, count: try Self.count(of: shape))
  }

  private init(uninitialized shape: [Int], count: Int) {
    self.init(shape: shape, storage: AlignedStorage(count: count))
  }

  init(shape: [Int], storage: AlignedStorage<Element>) {
    self.shape = shape
    self.storage = storage
  }

  private static func count(of shape: [Int]) throws(LangevinError) -> Int {
    var count = 1
    for length in shape {
      guard length >= 0 else {
        throw .value(of: "a dimension of shape \(shape)", found: "\(length)", expected: "0 or more")
      }
      let (product, overflow) = count.multipliedReportingOverflow(by: length)
      guard !overflow, product <= Int.max / MemoryLayout<Element>.stride - 64 else {
        throw .tooLarge("a tensor", sizes: shape)
      }
      count = product
    }
    return count
  }

  /// The element at a row-major position.
  public subscript(position: Int) -> Element {
    get {
      precondition(position >= 0 && position < count, "position \(position) is outside a tensor of \(count) elements")
      return storage.base[position]
    }
    set {
      precondition(position >= 0 && position < count, "position \(position) is outside a tensor of \(count) elements")
      makeUnique()
      storage.base[position] = newValue
    }
  }

  /// The element of a matrix.
  public subscript(row: Int, column: Int) -> Element {
    get { self[position(row, column)] }
    set { self[position(row, column)] = newValue }
  }

  private func position(_ row: Int, _ column: Int) -> Int {
    precondition(shape.count == 2, "two subscripts need a matrix; this tensor has shape \(shape)")
    precondition(column >= 0 && column < shape[1], "column \(column) is outside shape \(shape)")
    return row * shape[1] + column
  }

  private mutating func makeUnique() {
    if !isKnownUniquelyReferenced(&storage) { storage = AlignedStorage(copying: storage) }
  }
}

extension Tensor {
  /// All elements in row-major order, to read.
  public var span: Span<Element> {
    @_lifetime(borrow self)
    get {
      let span = Span(_unsafeStart: UnsafePointer(storage.base), count: count)
      return _overrideLifetime(span, borrowing: self)
    }
  }

  /// All elements in row-major order, to write.
  public var mutableSpan: MutableSpan<Element> {
    @_lifetime(&self)
    mutating get {
      makeUnique()
      let span = MutableSpan(_unsafeStart: storage.base, count: count)
      return _overrideLifetime(span, mutating: &self)
    }
  }

  /// The elements as an array.
  public var elements: [Element] { Array(UnsafeBufferPointer(storage.buffer)) }

  /// The same elements in another precision.
  public func converted<Other: Scalar>(to type: Other.Type = Other.self) -> Tensor<Other> {
    let copy = Tensor<Other>(uninitialized: shape, count: count)
    for index in 0..<count { copy.storage.base[index] = Other(storage.base[index]) }
    return copy
  }

  /// For the kernels: the address of the first element.
  package func withPointer<Value, Failure: Error>(
    _ body: (UnsafePointer<Element>) throws(Failure) -> Value
  ) throws(Failure) -> Value {
    try body(UnsafePointer(storage.base))
  }

  /// For the kernels: the address of the first element, to write.
  package mutating func withMutablePointer<Value, Failure: Error>(
    _ body: (UnsafeMutablePointer<Element>) throws(Failure) -> Value
  ) throws(Failure) -> Value {
    makeUnique()
    return try body(storage.base)
  }

  /// Whether both are the same memory.
  func isSame(as other: Self) -> Bool { storage === other.storage }

  /// The position of the first NaN or infinity.
  package var firstNonFinite: Int? {
    let position = Element.kernels.firstNonFinite(storage.base, count)
    return position < 0 ? nil : position
  }
}

extension Tensor: Equatable {
  /// Whether shapes and elements are equal; NaN differs from itself.
  public static func == (a: Self, b: Self) -> Bool {
    guard a.shape == b.shape else { return false }
    return a.storage === b.storage || (0..<a.count).allSatisfy { a.storage.base[$0] == b.storage.base[$0] }
  }
}
