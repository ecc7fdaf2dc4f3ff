/// One number of a law: as measured, as it should be, and how sure the measurement is.
struct LawRow {
  var name: String
  var value: Double
  var expected: Double
  var standardError: Double
}
