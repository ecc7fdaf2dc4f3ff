/// Different values, each with a number by the order in which they came, and how often it came.
///
/// A hash table with open addressing; numbers are told apart by their bits, texts by their bytes.
struct ValueTable: Sendable {
  /// The numbers' bits, or the texts' hashes.
  private var keys: [UInt64] = []
  private(set) var texts: [[UInt8]] = []
  private(set) var counts: [Int] = []
  /// The line on which each first came.
  private(set) var lines: [Int] = []
  /// One more than the place of a value, or 0.
  private var slots = [Int32](repeating: 0, count: 16)

  var count: Int { keys.count }

  /// The values as numbers.
  var numbers: [Double] { keys.map { Double(bitPattern: $0) } }

  /// Counts a number; returns its place.
  @inline(__always)
  @discardableResult
  mutating func add(_ number: Double, line: Int = 0) -> Int {
    let key = (number + 0).bitPattern
    let (place, slot) = find(key) { _ in true }
    if let place {
      counts[place] += 1
      return place
    }
    return insert(key, nil, slot, line)
  }

  /// Counts a text; returns its place.
  @discardableResult
  mutating func add(_ text: UnsafeBufferPointer<UInt8>, line: Int = 0) -> Int {
    let key = Self.hash(text)
    let (place, slot) = find(key) { texts[$0].elementsEqual(text) }
    if let place {
      counts[place] += 1
      return place
    }
    return insert(key, Array(text), slot, line)
  }

  /// The place of a number, or nil.
  func place(of number: Double) -> Int? { find((number + 0).bitPattern) { _ in true }.place }

  /// The place of a text, or nil.
  func place(of text: UnsafeBufferPointer<UInt8>) -> Int? {
    find(Self.hash(text)) { texts[$0].elementsEqual(text) }.place
  }

  @inline(__always)
  private func find(_ key: UInt64, _ isSame: (Int) -> Bool) -> (place: Int?, slot: Int) {
    let mask = slots.count - 1
    var slot = Int(truncatingIfNeeded: (key &* 0x9E37_79B9_7F4A_7C15) >> 32) & mask
    while slots[slot] != 0 {
      let place = Int(slots[slot]) - 1
      if keys[place] == key, isSame(place) { return (place, slot) }
      slot = (slot + 1) & mask
    }
    return (nil, slot)
  }

  private mutating func insert(_ key: UInt64, _ text: [UInt8]?, _ slot: Int, _ line: Int) -> Int {
    keys.append(key)
    counts.append(1)
    lines.append(line)
    if let text { texts.append(text) }
    slots[slot] = Int32(keys.count)
    if 2 * keys.count > slots.count {
      slots = [Int32](repeating: 0, count: 2 * slots.count)
      for place in keys.indices { slots[find(keys[place]) { _ in false }.slot] = Int32(place + 1) }
    }
    return keys.count - 1
  }

  private static func hash(_ text: UnsafeBufferPointer<UInt8>) -> UInt64 {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in text { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    return hash
  }
}

extension ValueTable {
  /// Texts in a given order.
  init(texts: [String]) {
    self.init()
    for var text in texts { text.withUTF8 { _ = add($0) } }
  }

  /// Numbers in a given order.
  init(numbers: [Double]) {
    self.init()
    for number in numbers { add(number) }
  }

  /// The place of a text, or nil.
  func place(of text: [UInt8]) -> Int? { text.withUnsafeBufferPointer { place(of: $0) } }
}
