import Langevin
import Testing

@Suite struct PlotTests {
  /// Neighbours of one strength are one rectangle, nothing is drawn for 0, and the sign chooses the colour.
  @Test func cellsAreRectangles() {
    var plot = Plot(title: "map", marks: [.cells([[1, 1, 0], [-0.5, 0, 1]], x: 0...3, y: 0...2)])
    plot.rowNames = ["low", "high"]
    let drawing = plot.document
    #expect(drawing.split(separator: "class=\"cell").count - 1 == 2)
    // Two cells of three, from the left edge of the drawing at 58 to the right one at 440, and one above them.
    #expect(drawing.contains("opacity=\"1.0\" d=\"M58.0 218.0h254.7v-94.0h-254.7zM312.7 124.0h127.3v-94.0h-127.3z\""))
    #expect(drawing.contains("class=\"cell c2\" opacity=\"0.5\" d=\"M58.0 124.0h127.3v-94.0h-127.3z\""))
    #expect(drawing.contains(">low<") && drawing.contains(">high<"))
  }

  @Test func aBandIsAPolygon() {
    let plot = Plot(title: "band", marks: [.band([(0, 1, 2), (1, 2, 4), (2, .nan, 1)], color: 3)])
    #expect(plot.document.contains("<polygon class=\"band c3\""))
    #expect(plot.document.split(separator: "<polygon")[1].prefix { $0 != "/" }.count { $0 == "," } == 4)
  }

  @Test func aSheetHoldsAllDrawings() {
    let plots = (1...3).map { Plot(title: "number \($0)", marks: [.line([(0, 0), (1, 1)], color: 1)]) }
    let sheet = Plot.sheet(plots, columns: 2)
    #expect(sheet.split(separator: "<svg").count == 5)
    #expect(sheet.contains("viewBox=\"0 0 920.0 584.0\"") && sheet.contains("x=\"460.0\" y=\"0.0\""))
    #expect(sheet.contains("number 3"))
  }
}
