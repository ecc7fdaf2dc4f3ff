/// The names of classes while a table is read: each has a number, by the order in which they come, until all are known
/// and sorted.
///
/// Names are told apart and sorted by their bytes in UTF-8, so that neither the locale nor the order of rows decides
/// which class a name is.
struct ClassNames {
  /// The most classes that there may be.
  static let limit = 1 << 16

  private var names: [String] = []
  private var numbers: [[UInt8]: Double] = [:]
  /// Whether training has settled which names there are: then their order is that of the classes.
  let areSettled: Bool

  /// No names yet.
  init() { areSettled = false }

  /// The names of training.
  init(_ known: [String]) {
    areSettled = true
    for name in known { add(name) }
  }

  /// How many there are.
  var count: Int { names.count }

  func contains(_ label: ArraySlice<UInt8>) -> Bool { numbers[Array(label)] != nil }

  /// The number of the name in a field, as a target; a new one where names are still being gathered.
  mutating func number(of field: Int, in reader: borrowing CSVReader) throws(FileFormatError) -> Double {
    let label = Array(reader.label(field))
    if let number = numbers[label] { return number }
    let text = String(decoding: label, as: UTF8.self)
    let found = label.isEmpty ? "an empty field" : "'\(text.prefix(40))'"
    if areSettled { throw reader.error(.label, field, found: found, expected: "one of the known classes \(list)") }
    guard !label.isEmpty else { throw reader.error(.label, field, found: found, expected: "the target of the row") }
    guard reader.number(field) == nil else {
      throw reader.error(
        .label, field, found: "the number \(found) below the class name '\(names.first ?? "")'",
        expected: "names only, or numbers only")
    }
    guard text.utf8.elementsEqual(label) else {
      throw reader.error(.label, field, found: "the bytes of \(found)", expected: "a class name in UTF-8")
    }
    guard count < Self.limit else {
      throw reader.error(.label, field, found: "more than \(count) class names", expected: "at most so many")
    }
    return add(text)
  }

  @discardableResult
  private mutating func add(_ name: String) -> Double {
    let number = Double(count)
    names.append(name)
    numbers[Array(name.utf8)] = number
    return number
  }

  /// The names in the order of their classes, and the class of each number.
  func sorted() -> (names: [String], classes: [Int32]) {
    var order = Array(names.indices)
    if !areSettled { order.sort { names[$0].utf8.lexicographicallyPrecedes(names[$1].utf8) } }
    var classes = [Int32](repeating: 0, count: count)
    for (place, number) in order.enumerated() { classes[number] = Int32(place) }
    return (order.map { names[$0] }, classes)
  }

  private var list: String {
    names.prefix(20).map { "'\($0)'" }.joined(separator: ", ") + (count > 20 ? ", ..." : "")
  }
}
