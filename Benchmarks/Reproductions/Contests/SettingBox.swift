import Langevin

/// The settings that a method is tried with: a box, and points in it by chance.
struct SettingBox: Sendable {
  /// One setting and its range; by its logarithm where that spans powers of ten.
  struct Side: Sendable {
    let name: String
    let range: ClosedRange<Double>
    var isLogarithmic = true
  }
  let sides: [Side]

  init(_ sides: Side...) { self.init(sides) }
  init(_ sides: [Side]) { self.sides = sides }

  /// A point of the box; a function of the stream and the number alone.
  func point(_ number: Int, from random: RandomStream) -> [Double] {
    let stream = random.substream(UInt64(number))
    return sides.enumerated().map { index, side in
      let (low, high, share) = (side.range.lowerBound, side.range.upperBound, stream.uniform(element: index))
      return side.isLogarithmic ? low * Math.pow(high / low, share) : low + (high - low) * share
    }
  }

  /// The box for people.
  var text: String {
    sides.map { side in
      "\(side.name) \(Format.significant(side.range.lowerBound, 2)) to \(Format.significant(side.range.upperBound, 2))"
        + (side.isLogarithmic ? "" : " (even)")
    }.joined(separator: ", ")
  }
}
