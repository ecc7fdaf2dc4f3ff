import Langevin
import Testing

/// Every setting of every method has an effect of its own: change it alone, and other bits come.
///
/// A setting that is read and forgotten, or that stands where its neighbour belongs, leaves the bits as they are.
@Suite struct SettingsMatterTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let method: String
    let setting: String
    var testDescription: String { "\(method) \(setting)" }
  }

  static let cases = SamplerCatalogue.methods.flatMap { method in
    method.rows.map { Case(method: method.name, setting: $0.name) }
  }

  /// Settings from which every row of a method's table has an effect within 150 steps; a method with several lists has rows
  /// that need different ones.
  static let bases: [String: [[String: String]]] = [
    // Masses are made anew every 10 steps; a cap near the ratio is met, calm variances are looked at less often.
    "pl": [
      [
        "temperature": "1e-3", "ratio": "0.1", "settling-ratio": "0.05", "reset-ratio": "0.06", "largest-ratio": "0.1",
        "update-every": "10", "update-at-most": "40", "reset-probability": "0.5", "settling": "100", "segment": "10",
      ],
      [
        "temperature": "1e-8", "ratio": "1e-6", "settling-ratio": "1e-6", "reset-ratio": "1e-6",
        "largest-ratio": "1e-6",
        "update-every": "10", "update-at-most": "20", "reset-probability": "0", "settling": "1000", "segment": "10",
      ],
    ],
    "hmc": [["leapfrog-steps": "3", "momentum-kept": "0.3", "adapts-mass": "true"]],
    // Hot and cold often, so that all that concerns alpha is felt.
    "ctld": [
      [
        "temperature": "0.01", "hottest": "0.5", "reference-energy": "1.2", "effective-dimension": "8", "settle": "10",
        "adapting-steps": "5",
      ]
    ],
    // Trajectories that would be longer.
    "nuts": [["largest-depth": "2"]],
    "sgd": [["momentum": "0.5"]],
    // Several cycles.
    "csgld": [["cycle": "20"]],
    // With equal halves it does not matter which parameters are in which.
    "lala": [["second-friction": "0.7"]],
  ]

  /// Other values where one and a half times the old one would not do.
  static let others: [String: String] = [
    "word": "OBABO", "first": "layer2", "variance": "drawn", "variance-floor": "0.5", "target-acceptance": "0.7",
    "known-noise": "1e-4",
    "batch-scheme": "epochs", "momentum-kept": "0.6", "reset-probability": "0.9", "hottest": "0.4",
  ]

  @Test(arguments: cases)
  func aSettingThatChangesAloneChangesTheBits(_ place: Case) throws {
    let method = try #require(SamplerCatalogue.methods.first { $0.name == place.method })
    let row = try #require(method.rows.first { $0.name == place.setting })
    var hasEffect = false
    for base in Self.bases[place.method] ?? [[:]] {
      let settings = try Self.settings(method, base)
      let changed = try Self.changed(settings, row)
      hasEffect = try hasEffect || Self.path(settings) != Self.path(changed)
    }
    #expect(hasEffect)
  }

  /// Of two values of one kind each belongs to one half: swapped, they give other bits.
  @Test(arguments: [
    ("lol", "temperature", "second-temperature", "0.01", "0.03"),
    ("lala", "temperature", "second-temperature", "0.01", "0.03"),
    ("lala", "friction", "second-friction", "0.2", "0.7"),
    ("adlala", "temperature", "second-temperature", "0.01", "0.03"),
    ("pl", "ratio", "settling-ratio", "0.02", "0.05"), ("pl", "reset-ratio", "settling-ratio", "0.02", "0.05"),
    ("adam", "first-decay", "second-decay", "0.9", "0.99"), ("ctld", "friction", "tempering-friction", "0.5", "1.5"),
    ("sgnht", "driving-noise", "initial-thermostat", "0.1", "0.3"),
  ])
  func swappedHalvesMatter(_ name: String, _ one: String, _ two: String, _ a: String, _ b: String) throws {
    let method = try #require(SamplerCatalogue.methods.first { $0.name == name })
    let base = (Self.bases[name] ?? [[:]])[0]
    let straight = try Self.settings(method, base.merging([one: a, two: b], uniquingKeysWith: { $1 }))
    let swapped = try Self.settings(method, base.merging([one: b, two: a], uniquingKeysWith: { $1 }))
    #expect(try Self.path(straight) != Self.path(swapped))
  }

  /// Without forces and at temperature 0 nothing moves: each half stands still by its own temperature, and where momenta start
  /// at rest, by its own friction.
  @Test(arguments: [
    ("lol", "temperature", 0), ("lol", "second-temperature", 1), ("lala", "temperature", 0),
    ("lala", "second-temperature", 1), ("lala", "friction", 0), ("lala", "second-friction", 1), ("lol", "friction", 0),
    ("adlala", "second-temperature", 1), ("adlala", "friction", 1), ("adlala", "driving-noise", 0),
    ("adla", "driving-noise", 0),
  ])
  func eachHalfHasItsOwn(_ name: String, _ setting: String, _ half: Int) throws {
    let method = try #require(SamplerCatalogue.methods.first { $0.name == name })
    let layout = try ParameterLayout([("layer1.weight", [3]), ("layer2.weight", [4])])
    let flat = FlatPotential(layout: layout)
    var settings = try Self.settings(method, ["temperature": "0.1"])
    for other in ["second-temperature"] where method.rows.contains(where: { $0.name == other }) {
      try settings.set(other, to: "0.1", as: other)
    }
    try settings.set(setting, to: "0", as: setting)
    let start = Tensor([1.0, 2, 3, 4, 5, 6, 7])
    let path = try settings.sampler(of: Double.self).path(
      on: flat, with: Evaluator(flat, seed: 3), from: start, steps: 5)
    let moved = zip(path.draws[4], start.elements).map { $0 != $1 }
    let (first, second) = (moved[..<3], moved[3...])
    let hasSecondHalf = name != "adla"
    #expect(!(half == 0 ? first : second).contains(true), "half \(half + 1) moved")
    if hasSecondHalf { #expect(!(half == 0 ? second : first).contains(false), "the other half stood still") }
  }

  // MARK: Support

  static func settings(_ method: any SamplerSettings.Type, _ base: [String: String]) throws -> any SamplerSettings {
    var settings = method.init()
    for (name, text) in base { try settings.set(name, to: text, as: name) }
    return try settings.completed(for: SmallProblem.context(for: SmallProblem.posterior(of: Double.self), method))
  }

  /// The same with another value of one setting: another choice, or another number.
  static func changed(_ settings: any SamplerSettings, _ row: SettingRow) throws -> any SamplerSettings {
    let old = settings.texts.first { $0.name == row.name }?.text
    var candidates = [others[row.name]].compactMap { $0 } + row.choices
    if let number = old.flatMap(Double.init) {
      candidates += [1.5 * number, 0.5 * number, number + 0.01, number + 1].map {
        $0 == $0.rounded() && $0.magnitude < 1e15 ? "\(Int($0))" : "\($0)"
      }
    } else {
      candidates += ["0.5", "10"]
    }
    for text in candidates where text != old {
      var changed = settings
      let isAllowed = (try? changed.set(row.name, to: text, as: row.name)) != nil
      if isAllowed, (try? changed.sampler(of: Double.self)) != nil { return changed }
    }
    throw SettingError("no other value of \(row.name) than \(old ?? "open")")
  }

  static func path(_ settings: any SamplerSettings) throws -> Path {
    let posterior = try SmallProblem.posterior(of: Double.self)
    let evaluator = try SmallProblem.evaluator(posterior, type(of: settings))
    return try settings.sampler(of: Double.self).path(
      on: posterior, with: evaluator, from: SmallProblem.start(posterior),
      steps: Int(evaluator.warmup) + 110)
  }
}

/// U = 0.
struct FlatPotential: Potential {
  let layout: ParameterLayout
  let exampleCount = 1

  func evaluate(
    at position: Tensor<Double>, over batch: Minibatch, gradient: inout Tensor<Double>, workspace: inout Void
  ) throws(LangevinError) -> Energy {
    for index in 0..<gradient.count { gradient[index] = 0 }
    return Energy(cost: 0)
  }
}
