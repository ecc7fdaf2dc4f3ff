#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A drawing with axes as a piece of SVG: lines, bars, points with error bars, a reference.
///
/// Colours are classes (`c1` ... `c8`, `ref`, `axis`), so the page decides what they are by day, by night and on paper.
struct Plot {
  /// What is drawn, in the units of the data.
  enum Mark {
    case line([(x: Double, y: Double)], color: Int)
    /// From the axis up, each as wide as told.
    case bars([(x: Double, width: Double, y: Double)], color: Int)
    case points([(x: Double, y: Double, error: Double)], color: Int)
    /// A horizontal line across.
    case level(Double)
    /// A stretch of the horizontal axis, shaded.
    case stretch(Double, Double)
    /// From corner to corner, where both axes mean the same.
    case diagonal
  }

  var title: String
  var xLabel = ""
  var yLabel = ""
  /// What the colours mean.
  var legend: [String] = []
  /// Names in place of numbers along the horizontal axis, at 1, 2, 3, ...
  var names: [String] = []
  var marks: [Mark] = []
  /// Whether the vertical axis begins at 0.
  var fromZero = false

  private static let (width, height) = (460.0, 260.0)
  private static let (left, right, top, bottom) = (58.0, 20.0, 30.0, 42.0)

  /// The drawing; empty if there is nothing to see.
  var svg: String {
    guard let (xRange, yRange) = ranges else { return "" }
    let xAxis = names.isEmpty ? Axis(xRange, tightly: true) : Axis(0.5...Double(names.count) + 0.5, tightly: true)
    let yAxis = Axis(fromZero ? min(0, yRange.lowerBound)...yRange.upperBound : yRange, tightly: false)
    func x(_ value: Double) -> Double {
      Self.left + xAxis.share(value) * (Self.width - Self.left - Self.right)
    }
    func y(_ value: Double) -> Double {
      Self.height - Self.bottom - yAxis.share(value) * (Self.height - Self.top - Self.bottom)
    }
    var out = "<svg viewBox=\"0 0 460 260\" role=\"img\" aria-label=\"\(HTML.escaped(title))\">"
    out += Self.text(title, Self.left, 16, "title")
    let (floor, ceiling) = (Self.height - Self.bottom, Self.top)
    for tick in yAxis.ticks {
      out += Self.line(Self.left, y(tick), Self.width - Self.right, y(tick), "grid")
      out += Self.text(yAxis.label(tick), Self.left - 6, y(tick) + 3.5, "tick end")
    }
    let labels =
      names.isEmpty ? xAxis.ticks.map { ($0, xAxis.label($0)) } : names.enumerated().map { (Double($0 + 1), $1) }
    for (tick, label) in labels { out += Self.text(label, x(tick), floor + 15, "tick middle") }
    out += Self.line(Self.left, floor, Self.width - Self.right, floor, "axis")
    out += Self.text(xLabel, (Self.left + Self.width - Self.right) / 2, Self.height - 8, "label middle")
    for mark in marks {
      switch mark {
      case .stretch(let from, let to):
        out += Self.rectangle(x(from), ceiling, x(to) - x(from), floor - ceiling, "shade")
      case .line(let points, let color):
        let path = points.map { "\(Self.short(x($0.x))),\(Self.short(y($0.y)))" }.joined(separator: " ")
        out += "<polyline class=\"line c\(color)\" points=\"\(path)\"/>"
      case .bars(let bars, let color):
        for bar in bars {
          out += Self.rectangle(
            x(bar.x) + 0.5, y(bar.y), max(0.5, x(bar.x + bar.width) - x(bar.x) - 1), floor - y(bar.y), "bar c\(color)")
        }
      case .points(let points, let color):
        for point in points {
          if point.error > 0 {
            out += Self.line(
              x(point.x), y(point.y - point.error), x(point.x), y(point.y + point.error), "line c\(color)")
          }
          out +=
            "<circle class=\"dot c\(color)\" cx=\"\(Self.short(x(point.x)))\" cy=\"\(Self.short(y(point.y)))\" r=\"3.5\"/>"
        }
      case .level(let value): out += Self.line(Self.left, y(value), Self.width - Self.right, y(value), "ref")
      case .diagonal:
        let (low, high) = (max(xAxis.low, yAxis.low), min(xAxis.high, yAxis.high))
        out += Self.line(x(low), y(low), x(high), y(high), "ref")
      }
    }
    var place = Self.width - Self.right
    for (index, name) in legend.enumerated().reversed() {
      out += Self.text(name, place, 16, "tick end")
      place -= Double(name.count) * 6.4 + 8
      out += Self.rectangle(place - 2, 9, 8, 8, "bar c\(index + 1)")
      place -= 12
    }
    return out + "</svg>"
  }

  private var ranges: (ClosedRange<Double>, ClosedRange<Double>)? {
    var (xs, ys): ([Double], [Double]) = ([], [])
    for mark in marks {
      switch mark {
      case .line(let points, _):
        xs += points.map(\.x)
        ys += points.map(\.y)
      case .bars(let bars, _):
        xs += bars.flatMap { [$0.x, $0.x + $0.width] }
        ys += bars.map(\.y) + [0]
      case .points(let points, _):
        xs += points.map(\.x)
        ys += points.flatMap { [$0.y - $0.error, $0.y + $0.error] }
      case .level(let value): ys.append(value)
      case .stretch, .diagonal: break
      }
    }
    (xs, ys) = (xs.filter(\.isFinite), ys.filter(\.isFinite))
    guard let x0 = xs.min(), let x1 = xs.max(), let y0 = ys.min(), let y1 = ys.max() else { return nil }
    return (x0...x1, y0...y1)
  }

  private static func short(_ value: Double) -> String { Format.fixed(value, 1) }

  private static func line(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, _ kind: String) -> String {
    "<line class=\"\(kind)\" x1=\"\(short(x1))\" y1=\"\(short(y1))\" x2=\"\(short(x2))\" y2=\"\(short(y2))\"/>"
  }

  private static func rectangle(_ x: Double, _ y: Double, _ width: Double, _ height: Double, _ kind: String) -> String {
    "<rect class=\"\(kind)\" x=\"\(short(x))\" y=\"\(short(y))\" width=\"\(short(max(0, width)))\" height=\"\(short(max(0, height)))\"/>"
  }

  private static func text(_ text: String, _ x: Double, _ y: Double, _ kind: String) -> String {
    text.isEmpty ? "" : "<text class=\"\(kind)\" x=\"\(short(x))\" y=\"\(short(y))\">\(HTML.escaped(text))</text>"
  }
}

/// A range of numbers with round ticks in it.
struct Axis {
  let low: Double
  let high: Double
  let ticks: [Double]
  private let step: Double

  /// The range; with room above and below unless it should fit tightly.
  init(_ range: ClosedRange<Double>, tightly: Bool) {
    var (low, high) = (range.lowerBound, range.upperBound)
    if high - low <= 1e-12 * max(low.magnitude, high.magnitude) {
      let room = low == 0 ? 1 : low.magnitude * 0.1
      (low, high) = (low - room, high + room)
    }
    let raw = (high - low) / 4.5
    let power = pow(10, log10(raw).rounded(.down))
    step = power * (raw / power < 1.5 ? 1 : raw / power < 3.5 ? 2 : raw / power < 7.5 ? 5 : 10)
    if !tightly {
      low = (low / step + 1e-9).rounded(.down) * step
      high = (high / step - 1e-9).rounded(.up) * step
    }
    self.low = low
    self.high = high
    let first = Int((low / step - 1e-9).rounded(.up))
    let last = max(first, Int((high / step + 1e-9).rounded(.down)))
    ticks = (first...last).map { [step] in Double($0) * step }
  }

  /// Where a value lies between the ends, from 0 to 1.
  func share(_ value: Double) -> Double { min(1, max(0, (value - low) / (high - low))) }

  /// A tick's number.
  func label(_ tick: Double) -> String {
    let largest = max(low.magnitude, high.magnitude)
    // Steps by the thousand and million: 400k, 20M.
    for (unit, suffix) in [(1e6, "M"), (1e3, "k")] where step >= unit && largest < 1e12 {
      return tick == 0 ? "0" : Format.fixed(tick / unit, 0) + suffix
    }
    if largest >= 1e5 || largest < 1e-3 { return Format.significant(tick.magnitude < step / 2 ? 0 : tick, 3) }
    return Format.fixed(tick, max(0, -Int((log10(step) + 1e-9).rounded(.down))))
  }
}
