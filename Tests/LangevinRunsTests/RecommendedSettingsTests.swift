import Langevin
import Testing

/// Settings that a data set brings with it.
@Suite struct RecommendedSettingsTests {
  private func settings(_ words: [String: String]) throws -> NetworkRunSettings {
    var configuration = Configuration()
    for (name, value) in words { try configuration.set(name, to: value, as: "test") }
    return try configuration.check().resolved()
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
    let pseudoLangevin = try #require(published.sampler as? PseudoLangevinSettings)
    #expect(pseudoLangevin.ratio == 0.01 && pseudoLangevin.temperature == 3e-5)
    #expect(published.network.outputActivation == .relu && published.network.prior?.byName == ["": 9.015e-4])
    // What was said wins, and another sampler takes the settings that it has.
    let other = try settings(data.merging(["sampler": "sgld", "prior": "0.5"]) { $1 })
    #expect((other.sampler as? SGLDSettings)?.temperature == 3e-5 && other.network.prior?.byName == ["": 0.5])
    // Another set brings none.
    let moons = try settings(["data": "moons:train=50,test=20"].merging(Self.small) { $1 })
    #expect((moons.sampler as? HybridMonteCarloSettings)?.temperature == 1.0 / 50)
    #expect(moons.network.outputActivation == .identity)
  }
}
