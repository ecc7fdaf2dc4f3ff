import Langevin
import LangevinCLI
import Testing

/// `langevin reproduce`, with the figure that takes no time.
@Suite struct FigureCommandTests {
  @Test func aFigureWritesItsTableAndItsDrawing() throws {
    let temporary = try TemporaryFolder()
    defer { temporary.remove() }
    let (status, output, _) = langevin("reproduce", "sgworld", "--quick", "--threads", "2", "--out", temporary.path)
    #expect(status == .success)
    // A shorter version says what it leaves out.
    #expect(output.contains("Quick: "))
    let lines = String(decoding: try bytes(temporary.file("divergence.csv")), as: UTF8.self).split(separator: "\n")
    #expect(lines[0].hasPrefix("# KL of the stationary law"))
    let columns = lines[1].split(separator: ",").filter { !$0.hasPrefix(" one fixed") }
    #expect(columns[0] == "step size" && columns.contains("sgld [nat]") && columns.contains("sgworld-2 [nat]"))
    #expect(lines.count == 2 + 3)
    // The last column's name has a comma, and is quoted.
    #expect(lines[1].hasSuffix("\"sgworld-1, one fixed order [nat]\""))
    // The reference at step size 2e-4, from exact algebra: 3.6911e-6 for sgworld-1.
    let values = lines[3].split(separator: ",").compactMap { Double($0) }
    #expect(values.contains { abs($0 / 3.6911e-6 - 1) < 1e-3 } && values.contains { abs($0 / 1.1471e-4 - 1) < 1e-3 })
    let drawing = String(decoding: try bytes(temporary.file("divergence.svg")), as: UTF8.self)
    #expect(drawing.hasPrefix("<?xml") && drawing.contains("<polyline") && drawing.contains("step size"))
    #expect(drawing.contains("KL from the posterior, nat") && drawing.contains("sgworld-2"))
  }

  @Test func missingDataAreNamed() throws {
    let temporary = try TemporaryFolder()
    defer { temporary.remove() }
    let (status, _, errors) = langevin(
      "reproduce", "sgd-currents", "--quick", "--data", temporary.path, "--out", temporary.path)
    #expect(status == .failure)
    #expect(errors.contains("x_train.txt"))
    _ = try temporary.write("-3.0\nmany\n", to: "x_train.txt")
    let (_, _, second) = langevin(
      "reproduce", "sgd-currents", "--quick", "--data", temporary.path, "--out", temporary.path)
    #expect(second.contains("x_train.txt, line 2: found 'many'; expected a number"))
  }
}
