/// A drawing with axes as a piece of SVG: lines, bars, points with error bars, a reference.
///
/// Colours are classes (`c1` ... `c8`, `ref`, `axis`), so the page decides what they are by day, by night and on paper; a
/// ninth series and those behind it take the first colours again, with broken lines and hollow dots.
package struct Plot {
  /// What is drawn, in the units of the data.
  package enum Mark {
    case line([(x: Double, y: Double)], color: Int)
    /// Between two curves, filled.
    case band([(x: Double, low: Double, high: Double)], color: Int)
    /// From the axis up, each as wide as told.
    case bars([(x: Double, width: Double, y: Double)], color: Int)
    case points([(x: Double, y: Double, error: Double)], color: Int)
    /// A horizontal line across.
    case level(Double)
    /// A stretch of the horizontal axis, shaded.
    case stretch(Double, Double)
    /// A rectangle of cells over a region of the plane, row by row from below; a value from -1 to 1 is the strength of the
    /// second colour below 0 and of the first above.
    case cells([[Double]], x: ClosedRange<Double>, y: ClosedRange<Double>)
    /// From corner to corner, where both axes mean the same.
    case diagonal
  }

  /// How numbers are laid along an axis.
  package enum Scale {
    case linear
    /// Only what is above 0 can be seen.
    case logarithmic
  }

  package var title: String
  package var xLabel = ""
  package var yLabel = ""
  /// What the colours mean.
  package var legend: [String] = []
  /// Names in place of numbers along the horizontal axis, at 1, 2, 3, ...
  package var names: [String] = []
  /// The same along the vertical axis.
  package var rowNames: [String] = []
  package var marks: [Mark] = []
  /// Whether the vertical axis begins at 0.
  package var fromZero = false
  /// Whether few values far from all others are left beyond the vertical axis, and counted.
  package var leavesOutSpikes = false
  package var xScale = Scale.linear
  package var yScale = Scale.linear
  /// Whether it is as high as wide, for a region of the plane.
  package var isSquare = false

  package init(
    title: String, xLabel: String = "", yLabel: String = "", legend: [String] = [], names: [String] = [],
    marks: [Mark] = [], fromZero: Bool = false, leavesOutSpikes: Bool = false, xScale: Scale = .linear,
    yScale: Scale = .linear
  ) {
    self.leavesOutSpikes = leavesOutSpikes
    (self.title, self.xLabel, self.yLabel, self.legend, self.names) = (title, xLabel, yLabel, legend, names)
    (self.marks, self.fromZero, self.xScale, self.yScale) = (marks, fromZero, xScale, yScale)
  }

  private static let (width, height) = (460.0, 260.0)
  private static let (right, bottom) = (20.0, 42.0)
  private static let rowHeight = 16.0

  /// The drawing, for a page with ``colors`` and ``rules`` in its style; empty if there is nothing to see.
  var svg: String { drawing(attributes: "") }

  /// The drawing as a file of its own.
  package var document: String {
    let style = "<style>\(Self.colors)\n\(Self.rules)\nsvg { background: var(--card); }</style>"
    let drawing = drawing(attributes: " xmlns=\"http://www.w3.org/2000/svg\" width=\"690\"", style)
    return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\(drawing)\n"
  }

  /// Drawings side by side as one file, row by row, as many in a row as told.
  package static func sheet(_ plots: [Plot], columns: Int) -> String {
    let rows = (plots.count + columns - 1) / columns
    var out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\""
    out += " width=\"\(short(width * Double(columns)))\" viewBox=\"0 0 \(short(width * Double(columns)))"
    out +=
      " \(short(sheetHeight * Double(rows)))\"><style>\(colors)\n\(rules)\nsvg { background: var(--card); }</style>"
    for (index, plot) in plots.enumerated() {
      let (x, y) = (width * Double(index % columns), sheetHeight * Double(index / columns))
      out += plot.drawing(
        attributes: " x=\"\(short(x))\" y=\"\(short(y))\" width=\"\(short(width))\" height=\"\(short(sheetHeight))\"")
    }
    return out + "</svg>\n"
  }
  private static let sheetHeight = 292.0

  private func drawing(attributes: String, _ style: String = "") -> String {
    guard let (xRange, yRange, spikes) = ranges else { return "" }
    let xAxis =
      names.isEmpty
      ? Axis(xRange, tightly: true, scale: xScale) : Axis(0.5...Double(names.count) + 0.5, tightly: true)
    let hasCells = marks.contains { if case .cells = $0 { true } else { false } }
    let yAxis =
      rowNames.isEmpty
      ? Axis(fromZero ? min(0, yRange.lowerBound)...yRange.upperBound : yRange, tightly: hasCells, scale: yScale)
      : Axis(0.5...Double(rowNames.count) + 0.5, tightly: true)
    let rows = legendRows
    let left = yLabel.isEmpty ? 58.0 : 74.0
    let ceiling = 30 + Double(rows.count - 1) * Self.rowHeight
    let height = Self.height + Double(rows.count - 1) * Self.rowHeight
    let floor = height - Self.bottom
    let edge = isSquare ? left + floor - ceiling : Self.width - Self.right
    func x(_ value: Double) -> Double { left + xAxis.share(value) * (edge - left) }
    func y(_ value: Double) -> Double { floor - yAxis.share(value) * (floor - ceiling) }

    var out = "<svg\(attributes) viewBox=\"0 0 460 \(Self.short(height))\" role=\"img\""
    out += " aria-label=\"\(HTML.escaped(title))\">\(style)"
    out += Self.text(title, rows.count > 1 ? 12 : left, 16, "title")
    let heights =
      rowNames.isEmpty ? yAxis.ticks.map { ($0, yAxis.label($0)) } : rowNames.enumerated().map { (Double($0 + 1), $1) }
    for (tick, label) in heights {
      if !hasCells { out += Self.line(left, y(tick), edge, y(tick), "grid") }
      out += Self.text(label, left - 6, y(tick) + 3.5, "tick end")
    }
    let labels =
      names.isEmpty ? xAxis.ticks.map { ($0, xAxis.label($0)) } : names.enumerated().map { (Double($0 + 1), $1) }
    for (tick, label) in labels { out += Self.text(label, x(tick), floor + 15, "tick middle") }
    out += Self.line(left, floor, edge, floor, "axis")
    out += Self.text(xLabel, (left + edge) / 2, height - 8, "label middle")
    if !yLabel.isEmpty {
      let middle = Self.short((ceiling + floor) / 2)
      out += "<text class=\"label middle\" transform=\"translate(16 \(middle)) rotate(-90)\">"
      out += HTML.escaped(yLabel) + "</text>"
    }
    if spikes > 0 {
      out += Self.text(
        "\(spikes) value\(spikes == 1 ? "" : "s") beyond", Self.width - Self.right, ceiling + 11, "tick end")
    }
    for mark in marks {
      switch mark {
      case .stretch(let from, let to):
        out += Self.rectangle(x(from), ceiling, x(to) - x(from), floor - ceiling, "shade")
      case .line(let points, let color):
        for piece in visible(points) {
          let path = piece.map { "\(Self.short(x($0.x))),\(Self.short(y($0.y)))" }.joined(separator: " ")
          out += "<polyline class=\"line \(Self.color(color))\" points=\"\(path)\"/>"
        }
      case .band(let points, let color):
        let seen = points.filter { canShow($0.x, $0.low) && canShow($0.x, $0.high) }
        let edge = seen.map { ($0.x, $0.high) } + seen.reversed().map { ($0.x, $0.low) }
        let path = edge.map { "\(Self.short(x($0.0))),\(Self.short(y($0.1)))" }.joined(separator: " ")
        out += "<polygon class=\"band \(Self.color(color))\" points=\"\(path)\"/>"
      case .bars(let bars, let color):
        for bar in bars {
          out += Self.rectangle(
            x(bar.x) + 0.5, y(bar.y), max(0.5, x(bar.x + bar.width) - x(bar.x) - 1), floor - y(bar.y),
            "bar \(Self.color(color))")
        }
      case .points(let points, let color):
        for point in points where canShow(point.x, point.y) {
          if point.error > 0 {
            out += Self.line(
              x(point.x), y(point.y - point.error), x(point.x), y(point.y + point.error), "line c\((color - 1) % 8 + 1)"
            )
          }
          out += "<circle class=\"dot \(Self.color(color))\" cx=\"\(Self.short(x(point.x)))\""
          out += " cy=\"\(Self.short(y(point.y)))\" r=\"3\"/>"
        }
      case .level(let value): out += Self.line(left, y(value), edge, y(value), "ref")
      case .cells(let rows, let across, let up):
        out += Self.cells(
          rows, from: (x(across.lowerBound), y(up.lowerBound)), to: (x(across.upperBound), y(up.upperBound)))
      case .diagonal:
        let (low, high) = (max(xAxis.low, yAxis.low), min(xAxis.high, yAxis.high))
        out += Self.line(x(low), y(low), x(high), y(high), "ref")
      }
    }
    return out + legend(rows) + "</svg>"
  }

  // MARK: Legend

  /// The numbers of the series by line: beside the title where they fit there, else in lines of their own below it.
  private var legendRows: [[Int]] {
    let room = Self.width - Self.right - 12
    let titleWidth = title.isEmpty ? 0 : Double(title.count) * 8 + 60
    if legend.indices.reduce(titleWidth, { $0 + legendWidth($1) }) <= room { return [Array(legend.indices)] }
    var rows: [[Int]] = [[]]
    var used = Double.infinity
    for index in legend.indices {
      if used + legendWidth(index) > room {
        rows.append([])
        used = 0
      }
      used += legendWidth(index)
      rows[rows.count - 1].append(index)
    }
    return rows
  }

  private func legendWidth(_ index: Int) -> Double { Double(legend[index].count) * 6.6 + 26 }

  private func legend(_ rows: [[Int]]) -> String {
    var out = ""
    for (number, row) in rows.enumerated() {
      let line = 16 + Double(number) * Self.rowHeight
      var place = number == 0 ? Self.width - Self.right - row.reduce(0) { $0 + legendWidth($1) } : 12
      for index in row {
        out += Self.rectangle(place, line - 8, 9, 9, "bar \(Self.color(index + 1))")
        out += Self.text(legend[index], place + 14, line, "tick")
        place += legendWidth(index)
      }
    }
    return out
  }

  // MARK: What can be seen

  private func canShow(_ x: Double, _ y: Double) -> Bool {
    x.isFinite && y.isFinite && (xScale == .linear || x > 0) && (yScale == .linear || y > 0)
  }

  /// A line, broken where a point cannot be shown.
  private func visible(_ points: [(x: Double, y: Double)]) -> [[(x: Double, y: Double)]] {
    points.split { !canShow($0.x, $0.y) }.map(Array.init)
  }

  private var ranges: (ClosedRange<Double>, ClosedRange<Double>, spikes: Int)? {
    var (xs, ys): ([Double], [Double]) = ([], [])
    for mark in marks {
      switch mark {
      case .line(let points, _):
        let seen = points.filter { canShow($0.x, $0.y) }
        xs += seen.map(\.x)
        ys += seen.map(\.y)
      case .band(let points, _):
        let seen = points.filter { canShow($0.x, $0.low) && canShow($0.x, $0.high) }
        xs += seen.map(\.x)
        ys += seen.flatMap { [$0.low, $0.high] }
      case .bars(let bars, _):
        xs += bars.flatMap { [$0.x, $0.x + $0.width] }
        ys += bars.map(\.y) + [0]
      case .points(let points, _):
        let seen = points.filter { canShow($0.x, $0.y) }
        xs += seen.map(\.x)
        ys += seen.flatMap { [$0.y - $0.error, $0.y, $0.y + $0.error] }
      case .level(let value): ys.append(value)
      case .cells(_, let across, let up):
        xs += [across.lowerBound, across.upperBound]
        ys += [up.lowerBound, up.upperBound]
      case .stretch, .diagonal: break
      }
    }
    xs = xs.filter { canShow($0, 1) }
    ys = ys.filter { canShow(1, $0) }
    guard let x0 = xs.min(), let x1 = xs.max(), let y0 = ys.min(), let y1 = ys.max() else { return nil }
    guard leavesOutSpikes else { return (x0...x1, y0...y1, 0) }
    let seen = Self.withoutSpikes(ys)
    return (x0...x1, seen, ys.count { !seen.contains($0) })
  }

  /// The range of values but for the largest and smallest hundredth, where these are far away: more than the width of all
  /// others beyond them.
  static func withoutSpikes(_ values: [Double]) -> ClosedRange<Double> {
    let sorted = values.sorted()
    let edge = sorted.count / 100
    guard let first = sorted.first, let last = sorted.last, edge > 0 || sorted.count >= 20 else {
      return (sorted.first ?? 0)...(sorted.last ?? 0)
    }
    // Of a short list one value may be a spike.
    let (low, high) = (sorted[max(1, edge)], sorted[sorted.count - 1 - max(1, edge)])
    let width = high - low
    guard width > 0 else { return first...last }
    return (low - first > width ? low - width / 10 : first)...(last - high > width ? high + width / 10 : last)
  }

  // MARK: Pieces

  private static func color(_ number: Int) -> String { "c\((number - 1) % 8 + 1)" + (number > 8 ? " again" : "") }

  private static func short(_ value: Double) -> String { Format.fixed(value, 1) }

  private static func line(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, _ kind: String) -> String {
    "<line class=\"\(kind)\" x1=\"\(short(x1))\" y1=\"\(short(y1))\" x2=\"\(short(x2))\" y2=\"\(short(y2))\"/>"
  }

  private static func rectangle(_ x: Double, _ y: Double, _ width: Double, _ height: Double, _ kind: String) -> String {
    "<rect class=\"\(kind)\" x=\"\(short(x))\" y=\"\(short(y))\" width=\"\(short(max(0, width)))\" height=\"\(short(max(0, height)))\"/>"
  }

  /// Cells with ten strengths of each colour, a path for each; neighbours in a row that look alike are one rectangle of it.
  private static func cells(
    _ rows: [[Double]], from start: (x: Double, y: Double), to end: (x: Double, y: Double)
  ) -> String {
    var paths: [Int: String] = [:]
    let height = (end.y - start.y) / Double(rows.count)
    for (number, row) in rows.enumerated() {
      let strengths = row.map { $0.isNaN ? 0 : Int((10 * min(1, max(-1, $0))).rounded()) }
      let width = (end.x - start.x) / Double(max(1, row.count))
      var column = 0
      while column < row.count {
        let strength = strengths[column]
        let next = strengths[column...].firstIndex { $0 != strength } ?? row.count
        let corner = "M\(short(start.x + Double(column) * width)) \(short(start.y + Double(number) * height))"
        let span = short(Double(next - column) * width)
        if strength != 0 { paths[strength, default: ""] += "\(corner)h\(span)v\(short(height))h-\(span)z" }
        column = next
      }
    }
    return paths.sorted { $0.key < $1.key }.map { strength, path in
      "<path class=\"cell c\(strength < 0 ? 2 : 1)\" opacity=\"\(short(Double(strength.magnitude) / 10))\" d=\"\(path)\"/>"
    }.joined()
  }

  private static func text(_ text: String, _ x: Double, _ y: Double, _ kind: String) -> String {
    text.isEmpty ? "" : "<text class=\"\(kind)\" x=\"\(short(x))\" y=\"\(short(y))\">\(HTML.escaped(text))</text>"
  }

  // MARK: Style

  /// The colours by day and by night.
  static let colors = """
    :root {
      color-scheme: light dark;
      --page: #fdfdfc; --ink: #1d2327; --soft: #5d676e; --rule: #dfe3e5; --card: #ffffff; --good: #1e7b4f; --bad: #a8500b;
      --c1: #0b6fb8; --c2: #d1620d; --c3: #2a8a57; --c4: #8b58b5; --c5: #b83a55; --c6: #6c6f1c; --c7: #0f8a93; --c8: #7b5a45;
    }
    @media (prefers-color-scheme: dark) {
      :root {
        --page: #14181b; --ink: #e4e8ea; --soft: #98a4ab; --rule: #30383d; --card: #1b2024; --good: #56c08d; --bad: #eda35f;
        --c1: #58aeea; --c2: #f0994f; --c3: #5fc48f; --c4: #bd92e3; --c5: #ec7f96; --c6: #bcbf5d; --c7: #4cc3cc; --c8: #c29c84;
      }
    }
    """

  /// How the parts of a drawing look.
  static let rules = """
    svg text { font: 11px system-ui, sans-serif; fill: var(--soft); }
    svg text.title { font-size: 13px; font-weight: 600; fill: var(--ink); }
    svg text.end { text-anchor: end; }
    svg text.middle { text-anchor: middle; }
    svg .grid { stroke: var(--rule); stroke-width: 1; }
    svg .axis { stroke: var(--soft); stroke-width: 1; }
    svg .line { fill: none; stroke-width: 1.4; stroke-linejoin: round; }
    svg .ref { stroke: var(--ink); stroke-width: 1.2; stroke-dasharray: 5 4; }
    svg .shade { fill: var(--rule); opacity: 0.5; }
    svg .bar { stroke: none; opacity: 0.75; }
    svg .dot { stroke: none; }
    svg .band { stroke: none; opacity: 0.2; }
    svg .cell { shape-rendering: crispEdges; }
    \((1...8).map { """
      svg .line.c\($0) { stroke: var(--c\($0)); } svg .bar.c\($0), svg .dot.c\($0), svg .cell.c\($0), svg .band.c\($0) { fill: var(--c\($0)); }
      svg .dot.c\($0).again, svg .bar.c\($0).again { fill: var(--card); stroke: var(--c\($0)); }
      """ }.joined(separator: "\n"))
    svg .line.again { stroke-dasharray: 4 3; }
    """
}
