import LangevinCore

/// Small images of the digits 0 to 9, drawn with a pen in a hand of its own each time: an image task with nothing to
/// download.
///
/// A digit is a few strokes; each image turns, slants, stretches and shifts them at random, draws with a random pen
/// width, and adds noise. Pixels are multiples of 1/255 in 0...1, as in an image file, so that the set can be stored as
/// bytes.
package struct Digits: SyntheticSet {
  /// What a recipe can say of it.
  package static let recipe = RecipeEntry<Self>(
    "digits", "small images of handwritten-looking digits, drawn by the program",
    [
      .init("size", \.size, 4...256, "pixels along a side"),
      .init("warp", \.warp, 0...2, "strength of the random turns, slants, stretches and shifts"),
      .init("noise", \.noise, 0...1, "standard deviation of the noise on a pixel"),
    ])

  /// The pixels along a side.
  package var size = 8
  /// The strength of the random turns, slants, stretches and shifts.
  package var warp = 1.0
  /// The standard deviation of the noise on a pixel.
  package var noise = 0.1
  /// The sizes of its parts, and the seed.
  package var sizes = SetSizes(train: 4000, test: 1000)

  /// The set with its default parameters.
  package init() {}

  /// How the rows of one part are made.
  package func rows(of part: DatasetPart) -> SyntheticRows {
    let (size, warp, noise) = (size, warp, noise)
    return SyntheticRows(inputWidth: size * size, targets: .classes(10)) { row in
      let digit = row.random.integer(below: 10)
      row.targets[0] = Double(digit)
      let hand = Hand(&row.random, warp: warp)
      let strokes = StrokeFont.strokes[digit].map { $0.map(hand.placed) }
      for pixel in 0..<size * size {
        // The image spans -1.4...1.4 in both directions, y up; strokes lie within -0.7...0.7 by -1...1.
        let scale = 2.8 / Double(size)
        let point = Point((Double(pixel % size) + 0.5) * scale - 1.4, 1.4 - (Double(pixel / size) + 0.5) * scale)
        let distance = strokes.reduce(Double.infinity) { min($0, point.distance(toStroke: $1)) }
        // The edge of the ink is as soft as a pixel is wide.
        let ink = min(max((hand.penRadius - distance) / scale + 0.5, 0), 1)
        let shade = noise == 0 ? ink : min(max(ink + noise * row.random.normal(), 0), 1)
        row.inputs[pixel] = (255 * shade).rounded() / 255
      }
    }
  }
}

/// A point of the plane.
struct Point: Sendable {
  var x: Double
  var y: Double

  init(_ x: Double, _ y: Double) { (self.x, self.y) = (x, y) }

  func distance(toStroke stroke: [Point]) -> Double {
    (1..<stroke.count).reduce(.infinity) { min($0, distance(toSegment: stroke[$1 - 1], stroke[$1])) }
  }

  private func distance(toSegment a: Point, _ b: Point) -> Double {
    let (dx, dy) = (b.x - a.x, b.y - a.y)
    let length = dx * dx + dy * dy
    let along = length == 0 ? 0 : min(max(((x - a.x) * dx + (y - a.y) * dy) / length, 0), 1)
    let (ex, ey) = (x - a.x - along * dx, y - a.y - along * dy)
    return (ex * ex + ey * ey).squareRoot()
  }
}

/// How one image is written: an affine map of the strokes, and the width of the pen.
private struct Hand {
  let penRadius: Double
  private let xx, xy, yx, yy, shiftX, shiftY: Double

  init(_ random: inout RandomRow, warp: Double) {
    let (cosine, sine) = PortableMath.cosineAndSine(turns: warp * random.uniform(-0.04, 0.04))
    let slant = warp * random.uniform(-0.25, 0.25)
    let (width, height) = (1 + warp * random.uniform(-0.2, 0.15), 1 + warp * random.uniform(-0.15, 0.15))
    (xx, xy) = (cosine * width, (cosine * slant - sine) * height)
    (yx, yy) = (sine * width, (sine * slant + cosine) * height)
    (shiftX, shiftY) = (warp * random.uniform(-0.15, 0.15), warp * random.uniform(-0.15, 0.15))
    penRadius = 0.17 + warp * random.uniform(-0.05, 0.05)
  }

  func placed(_ p: Point) -> Point { Point(xx * p.x + xy * p.y + shiftX, yx * p.x + yy * p.y + shiftY) }
}

/// The strokes of the ten digits.
private enum StrokeFont {
  static let strokes: [[[Point]]] = [
    [arc(0, 0, 0.6, 0.95, from: 0, to: 1)],
    [[Point(-0.35, 0.6), Point(0.05, 0.95), Point(0.05, -0.95)]],
    [arc(0, 0.4, 0.55, 0.55, from: 0.45, to: -0.1) + [Point(-0.6, -0.95), Point(0.6, -0.95)]],
    [arc(-0.05, 0.47, 0.5, 0.48, from: 0.4, to: -0.25), arc(-0.05, -0.47, 0.58, 0.48, from: 0.25, to: -0.4)],
    [[Point(0.3, -0.95), Point(0.3, 0.95), Point(-0.6, -0.3), Point(0.65, -0.3)]],
    [[Point(0.5, 0.95), Point(-0.4, 0.95), Point(-0.45, 0.1)] + arc(-0.05, -0.37, 0.58, 0.58, from: 0.36, to: -0.38)],
    [arc(0.55, -0.2, 1.1, 1.15, from: 0.28, to: 0.47) + arc(0, -0.42, 0.53, 0.53, from: 0.5, to: -0.5)],
    [[Point(-0.6, 0.95), Point(0.6, 0.95), Point(-0.15, -0.95)]],
    [arc(0, 0.48, 0.45, 0.47, from: -0.25, to: 0.75), arc(0, -0.48, 0.56, 0.47, from: 0.25, to: 1.25)],
    [arc(0, 0.42, 0.53, 0.53, from: 0, to: 1) + [Point(0.5, 0.2), Point(0.3, -0.95)]],
  ]

  /// Part of an ellipse, from and to in turns against the clock from the right.
  private static func arc(_ x: Double, _ y: Double, _ width: Double, _ height: Double, from: Double, to: Double)
    -> [Point]
  {
    (0...12).map { step in
      let (cosine, sine) = PortableMath.cosineAndSine(turns: from + (to - from) * Double(step) / 12)
      return Point(x + width * cosine, y + height * sine)
    }
  }
}
