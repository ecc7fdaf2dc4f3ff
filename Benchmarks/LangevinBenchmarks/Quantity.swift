/// One measured amount of which less is better, such as memory.
struct Quantity {
  var name: String
  var value: Double
  var unit: String
  /// What is asked for, or expected and why.
  var goal: String?
}
