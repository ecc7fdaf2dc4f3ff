import Foundation
import Langevin
import LangevinCLI
import Testing
import _LangevinTestSupport

/// The page of a run: what comes first, what is on it, and what one wild value does to it.
@Suite struct ReportTests {
  private func page(_ words: String...) throws -> String {
    let temporary = try TemporaryFolder()
    defer { temporary.remove() }
    let out = temporary.file("a run")
    let result = langevin(
      ["sample", "--steps", "60", "--thin", "2", "--warmup", "20", "--quiet", "--out", out] + words)
    #expect(result.status == .success, "\(result.errors)")
    return String(decoding: try bytes(out + "/report.html"), as: UTF8.self)
  }

  @Test func theAnswerComesFirst() throws {
    let page = try page("--data", "bump", "--sampler", "baoab", "--batch", "all")
    let parts = [
      "class=\"verdict", "<h2>Prediction", "class=\"band", "residuals", "<h2>Observables", "<h2>Traces", "<h2>The run",
      "<h2>Settings",
    ]
    let places = parts.map { part in
      page.range(of: part).map { page.distance(from: page.startIndex, to: $0.lowerBound) } ?? -1
    }
    #expect(places == places.sorted() && !places.contains(-1), "\(places)")
    #expect(page.contains("langevin sample --steps 60") && page.contains("a run&#39;") || page.contains("a run'"))
    #expect(page.contains(" UTC</dd>") && page.contains("<dt>langevin</dt><dd>\(Version.current)"))
    // Nothing is loaded from elsewhere.
    #expect(!page.contains("src=") && !page.contains("http"))
  }

  @Test func classesHaveReliabilityAndConfusion() throws {
    let page = try page(
      "--data", "kspin:train=60,test=20,spins=6,classes=3", "--network", "6-5-3", "--sampler", "sgld", "--batch", "16")
    #expect(page.contains("reliability") && page.contains("True classes by predicted ones"))
    // Every example of the test set stands in the table once.
    let table = try #require(
      page.components(separatedBy: "True classes").last?.components(separatedBy: "</table>").first)
    let counts = table.components(separatedBy: "</td>").compactMap {
      $0.components(separatedBy: ">").last.flatMap { Int($0) }
    }
    #expect(counts.count == 9 && counts.reduce(0, +) == 20)
  }

  /// One value a million times as large as all others leaves the others to be seen, and is counted.
  @Test func oneSpikeRuinsNoAxis() {
    var values = (0..<200).map { (x: Double($0), y: Double($0 % 10)) }
    values[77].y = 1e6
    var plot = Plot(title: "t", marks: [.line(values, color: 1)], leavesOutSpikes: true)
    #expect(plot.document.contains("1 value beyond") && !plot.document.contains("1M"))
    plot.leavesOutSpikes = false
    #expect(!plot.document.contains("beyond") && plot.document.contains("00k"))
    // What is merely spread out is shown as it is.
    let wide = Plot(
      title: "t", marks: [.line((0..<200).map { (Double($0), Double($0 * $0)) }, color: 1)], leavesOutSpikes: true)
    #expect(!wide.document.contains("beyond"))
  }
}
