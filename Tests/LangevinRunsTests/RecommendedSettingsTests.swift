import Langevin
import Testing

/// Settings that a data set brings with it.
@Suite struct RecommendedSettingsTests {
  private func settings(_ words: [String: String]) throws -> RunSettings {
    var configuration = Configuration()
    for (name, value) in words { try configuration.set(name, to: value, as: "test") }
    return try Experiment(configuration.check()).settings
  }

  private static let small = ["steps": "10", "thin": "1", "start.steps": "0", "threads": "1"]

  /// A name or a value that a run would not take is a mistake of the set.
  @Test func everyRecommendationIsASetting() throws {
    for set in Recipe.sets {
      var configuration = Configuration()
      try configuration.set("data", to: set.name, as: "test")
      for (name, value) in set.recommendedSettings {
        try configuration.set(name, to: value, as: "\(set.name), \(name)")
      }
      #expect(throws: Never.self) { try configuration.check() }
    }
  }

  @Test func theyStandWhereNothingElseWasSaid() throws {
    let data = ["data": "kspin:train=60,test=20,spins=6,classes=3"].merging(Self.small) { $1 }
    let published = try settings(data)
    #expect(published.ofSampler.text("ratio") == "0.01" && published.ofSampler.text("temperature") == "3e-05")
    #expect(published.plain.text("output-activation") == "relu" && published.plain.text("prior") == "9.015e-04")
    // What was said wins, and another sampler takes the settings that it has.
    let other = try settings(data.merging(["sampler": "sgld", "prior": "0.5"]) { $1 })
    #expect(other.ofSampler.text("temperature") == "3e-05" && other.plain.text("prior") == "0.5")
    // Another set brings none.
    let moons = try settings(["data": "moons:train=50,test=20"].merging(Self.small) { $1 })
    #expect(moons.ofSampler.text("temperature") == "\(1.0 / 50)" && moons.plain.text("output-activation") == "identity")
  }
}
