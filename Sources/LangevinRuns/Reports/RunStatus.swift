import Foundation
import LangevinDiagnostics

/// How far the chains of a run are and where they are at work, from its files alone.
package struct RunStatus {
  /// One chain.
  struct Chain {
    /// From 0.
    let number: Int
    /// Steps done, as far as its files tell; nil if it has not begun.
    var step: UInt64?
    /// Up to which step it goes.
    var end: UInt64
    /// Steps per second, over all of its time.
    var rate: Double?
    /// Seconds since its last checkpoint.
    var age: Double?
    /// Who works on it.
    var holder: ChainHolder?
  }

  let chains: [Chain]
  /// R-hat of the energy over the chains so far; nil as long as there are too few rows.
  let rHat: Double?

  /// Looks into a folder.
  package init(of folder: RunFolder) throws {
    let record = try folder.readRecord()
    let begun = folder.chains
    chains = try (0..<max(record.plan.chains, (begun.last ?? -1) + 1)).map { number in
      var chain = Chain(number: number, end: UInt64(record.plan.steps ?? 0), holder: folder.holder(of: number))
      guard begun.contains(number) else { return chain }
      let header = CheckpointHeader(ofChain: number, in: folder)
      let row = try folder.readTrace(number)?["step__"]?.last
      chain.step = max(header?.step ?? 0, UInt64(row ?? 0))
      // Who goes on with a run may go further than its document says.
      chain.end = max(chain.holder?.steps ?? 0, chain.end)
      if let header, header.seconds > 0 { chain.rate = Double(header.step) / header.seconds }
      let attributes = try? FileManager.default.attributesOfItem(atPath: folder.checkpoint(number))
      chain.age = (attributes?[.modificationDate] as? Date).map { max(0, Date().timeIntervalSince($0)) }
      return chain
    }
    let traces = (try? StoredRuns([folder]))?.traces ?? []
    rHat =
      traces.count > 1
      ? (try? RunSummary.draws("energy", of: traces)).flatMap { LangevinDiagnostics.rHat(of: $0) } : nil
  }

  /// A line for each chain, and what they say together.
  package var text: String {
    var table = TextTable(["chain", "step", "of", "steps/s", "last checkpoint", "where"])
    for chain in chains {
      table.rows.append([
        "\(chain.number + 1)", chain.step.map { "\($0)" } ?? "-", "\(chain.end)",
        chain.rate.map { Format.significant($0, 3) } ?? "-",
        chain.age.map { Format.duration($0) + " ago" } ?? "-", Self.place(of: chain),
      ])
    }
    return table.description + "\nR-hat of the energy: "
      + (rHat.map { Format.fixed($0, 3) } ?? "too few rows, or one chain alone")
  }

  private static func place(of chain: Chain) -> String {
    if let holder = chain.holder {
      return "process \(holder.process) on \(holder.host)" + (holder.job.map { ", job \($0)" } ?? "")
    }
    guard let step = chain.step else { return "not begun" }
    return step >= chain.end ? "done" : "no process"
  }
}
