/// Which chains are meant, as text such as `3` or `1-4,7`: from 1 there, from 0 in code.
package struct ChainNumbers: CustomStringConvertible {
  /// The numbers, from 0, in order.
  package let numbers: [Int]

  init(_ numbers: [Int]) { self.numbers = numbers }

  /// Numbers and ranges with commas between them; nil where that is not what the text is.
  package init?(_ text: String) {
    var found: Set<Int> = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let ends = part.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
      guard 1...2 ~= ends.count, let first = ends[0], let last = ends[ends.count - 1], 1 <= first, first <= last,
        last <= 10_000
      else { return nil }
      found.formUnion(first - 1..<last)
    }
    numbers = found.sorted()
  }

  /// The text, with ranges where three or more follow each other.
  package var description: String {
    var runs: [ClosedRange<Int>] = []
    for number in numbers {
      if let last = runs.last, last.upperBound + 1 == number {
        runs[runs.count - 1] = last.lowerBound...number
      } else {
        runs.append(number...number)
      }
    }
    return runs.flatMap { run in
      run.count > 2 ? ["\(run.lowerBound + 1)-\(run.upperBound + 1)"] : run.map { "\($0 + 1)" }
    }.joined(separator: ",")
  }
}
