import LangevinCore

extension Configuration {
  static let defaultSampler = "pl"
  /// Up to so many examples hybrid Monte Carlo is the sampler if nobody says.
  static let mostExamplesForExactDefault = 10_000
  /// The rule in words.
  public static let samplerRule =
    "hmc, but pl on more than \(mostExamplesForExactDefault) examples"

  /// The settings that every run has. Later defaults may depend on earlier ones.
  public static let settings: [Setting] = [
    Setting("network", .text, default: "inputs-50-100-outputs", "the widths of its layers, such as 100-50-100-10") {
      "\($0.inputWidth)-50-100-\($0.classCount == 2 && $0.values["loss"] != "cross-entropy" ? 1 : $0.targetWidth)"
    },
    Setting("activation", .choice(Activation.allCases.map(\.rawValue)), default: "relu", "of all layers but the last"),
    Setting(
      "output-activation", .choice(Activation.allCases.map(\.rawValue)), default: "identity",
      "of the last layer"),
    Setting("biases", .flag, default: "true", "whether layers add a bias"),
    Setting(
      "initialisation", .choice(Initialiser.allCases.map(\.rawValue)), default: "uniform-fan-in",
      "the law of the first weights"),
    Setting(
      "loss", .choice(Loss.allCases.map(\.rawValue)), default: "by the targets",
      "the negative log-likelihood of an example"
    ) {
      $0.classCount.map { $0 == 2 ? "binary-cross-entropy" : "cross-entropy" } ?? "squared-error"
    },
    Setting(
      "normalisation", .choice(["mean", "sum"]), default: "mean", "whether U has the loss per example or over all data"),
    Setting(
      "prior", .precisions, unit: "energy", default: "temperature",
      "precision of the Gaussian prior, of all parameters or by layer (layer1=1e-3,layer2=0.1); the prior variance of a "
        + "weight is T/prior"
    ) { facts in
      if let temperature = facts.values["sampler.temperature"], Double(temperature) != nil { return temperature }
      return facts.values["normalisation"] == "sum" ? "1.0" : "\(1 / Double(facts.exampleCount))"
    },
    Setting("precision", .choice(["single", "double"]), default: "single", "of the parameters"),
    Setting(
      "batch", .text, unit: "examples", default: "by the sampler, mostly 128", "the size of a minibatch, or 'all'"
    ) {
      let wanted = (try? SamplerCatalogue.entry(named: $0.values["sampler"] ?? ""))?.batchSize ?? "128"
      return Int(wanted).map { [count = $0.exampleCount] size in "\(min(size, count))" } ?? wanted
    },
    Setting(
      "batch-scheme", .choice(["distinct", "with-replacement", "subset", "epochs", "fixed-partition", "sweeps"]),
      default: "by the sampler", "how minibatches are drawn"
    ) { (try? SamplerCatalogue.entry(named: $0.values["sampler"] ?? ""))?.batchScheme },
    Setting(
      "steps", .integer(1...1_000_000_000_000), default: "by the sampler", "steps of each chain, with the warm-up"
    ) { facts in (try? SamplerCatalogue.entry(named: facts.values["sampler"] ?? "")).map { "\($0.steps)" } },
    Setting(
      "thin", .integer(1...1_000_000_000), unit: "steps", default: "steps/200", "steps from one kept row to the next"
    ) {
      "\(max(1, (Int($0.values["steps"] ?? "") ?? 0) / 200))"
    },
    Setting(
      "warmup", .integer(0...1_000_000_000_000), unit: "steps", default: "0.4 steps",
      "first steps, left out of all averages"
    ) { facts in
      let (steps, thin) = (Int(facts.values["steps"] ?? "") ?? 0, Int(facts.values["thin"] ?? "") ?? 1)
      return "\(steps * 2 / 5 / thin * thin)"
    },
    Setting(
      "draw-every", .integer(0...1_000_000_000), unit: "rows", default: "1",
      "rows from one stored draw to the next; 0 for none"),
    Setting(
      "observables", .choice(ObservableScope.allCases.map(\.rawValue)), default: "full",
      "whether rows are measured on all of the data or on the minibatches of the steps"),
    Setting("chains", .integer(1...10_000), default: "2", "independent chains"),
    Setting("threads", .integer(0...1024), default: "0", "threads for all chains; 0 for one on each core"),
    Setting("seed", .seed, default: "0", "all random numbers follow from it"),
    .positive("max-seconds", unit: "s", default: "none", "ends the run after this time") { _ in nil },
    .positive("min-ess", default: "none", "ends the run once the energy has this effective sample size") { _ in nil },
    Setting(
      "checkpoint-every", .real(above: 0, orEqual: false, upTo: 1e9), unit: "s", default: "30",
      "time from one checkpoint to the next"),
  ]

  /// Where chains start, and the optimisation that comes before the first step.
  public static let startSettings: [Setting] = [
    Setting(
      "from", .text, default: "none",
      "the folder of a run whose last draws the chains start from, in place of random weights"
    ) { _ in nil },
    Setting(
      "steps", .integer(0...1_000_000_000), default: "1500 for pl and hmc on a network, else 0; 0 with from",
      "steps of Adam"
    ) {
      if $0.values["start.from"] != nil { return "0" }
      let entry = try? SamplerCatalogue.entry(named: $0.values["sampler"] ?? "")
      return entry?.wantsWarmStart == true ? "1500" : "0"
    },
    .positive("step-size", default: "0.001", "step size of Adam"),
    Setting("batch", .text, unit: "examples", default: "128", "minibatch of Adam") { "\(min(128, $0.exampleCount))" },
  ]
}
