import Foundation
import LangevinSamplers

/// Where the chains of a network run start, and the optimisation that comes before the first step.
package struct StartSettings: SettingGroup {
  /// The folders of runs whose last draws the chains start from, in place of random weights.
  package var from: String?
  /// Steps of Adam.
  package var steps: Int?
  /// Step size of Adam.
  package var stepSize = 0.001
  /// Minibatch of Adam.
  package var batch: BatchSize?
  /// The share of the training examples that says when to stop; they rejoin the others for the sampling.
  package var validation = 0.0
  /// Epochs without a lower loss on them after which Adam stops.
  package var patience = 20
  /// The defaults.
  package init() {}

  /// Every setting.
  package static let table: [Setting<Self>] = [
    Setting(
      "from", \.from,
      "runs whose last draws the chains start from, in place of random weights: folders with commas between them"),
    Setting(
      "steps", \.steps, in: .from(0, to: 1e9), default: "1500 for pl and hmc on a network, else 0; 0 with from",
      "steps of Adam"),
    Setting("step-size", \.stepSize, in: .positive, "step size of Adam"),
    Setting("batch", \.batch, unit: "examples", default: "128", "minibatch of Adam"),
    Setting(
      "validation", \.validation, in: .from(0, below: 1),
      "share of the examples on which the best weights are chosen; sampling has them back"),
    Setting("patience", \.patience, in: .positive, unit: "epochs", "how long Adam goes on without better ones"),
  ]

  /// The folders of the runs to start from.
  var folders: [String] { from?.split(separator: ",").map(String.init) ?? [] }

  /// Fills in what was left open.
  mutating func complete(for habits: SamplerHabits, exampleCount: Int) throws(SettingError) {
    steps = steps ?? (from == nil && habits.startsOptimised ? 1500 : 0)
    let batch = batch ?? .examples(min(128, exampleCount))
    self.batch = batch
    try batch.check("start.batch", exampleCount: exampleCount)
    // As with the data, paths that hold in any folder.
    let here = FileManager.default.currentDirectoryPath
    if from != nil { from = folders.map { $0.hasPrefix("/") ? $0 : here + "/" + $0 }.joined(separator: ",") }
  }
}
