import LangevinCore
import LangevinData
import Testing

@Suite struct KSpinTests {
  /// The published numbers are means over 8 realisations of other random numbers: 0.3088 (sd 0.0058) and 0.1048 (sd
  /// 0.0021). Tolerance 4.9 standard errors of the difference of two such means.
  @Test func bayesLimitsAgreeWithTheSpecification() throws {
    var (error, crossEntropy) = (0.0, 0.0)
    for seed in 0..<8 as Range<UInt64> {
      var set = KSpin()
      set.seed = seed
      let limits = try set.bayesLimits(examples: 2000)
      error += limits.error / 8
      crossEntropy += limits.crossEntropy / 8
      // The standard errors of 2000 examples are small beside the spread over realisations.
      #expect(limits.errorUncertainty < 0.006 && limits.crossEntropyUncertainty < 0.015)
    }
    #expect(abs(crossEntropy - 0.3088) < 4.9 * 0.0058 / 2)
    #expect(abs(error - 0.1048) < 4.9 * 0.0021 / 2)
  }

  /// Of two references that differ in D spins, an example is mistaken where more than half of the D are flipped.
  @Test func bayesErrorOfTwoReferencesIsABinomialTail() throws {
    var set = KSpin()
    set.classes = 2
    set.spins = 15
    set.train = 100
    let limits = try set.bayesLimits(examples: 8000)

    // Without flips the examples show the references.
    var bare = set
    bare.flipProbability = 0
    let patterns = try bare.make().train
    let pair = Array(Set((0..<patterns.count).map(patterns.input)))
    try #require(pair.count == 2)
    let differing = zip(pair[0], pair[1]).count { $0 != $1 }
    func probability(_ flips: Int) -> Double {
      (0..<differing).reduce(1.0) { product, i in
        product * (i < flips ? set.flipProbability * Double(differing - i) / Double(i + 1) : 1 - set.flipProbability)
      }
    }
    let exact = (0...differing).reduce(0.0) { sum, flips in
      sum + probability(flips) * (2 * flips > differing ? 1 : 2 * flips == differing ? 0.5 : 0)
    }
    #expect(abs(limits.error - exact) < 4.9 * limits.errorUncertainty)
    #expect(limits.errorUncertainty < 0.003)
  }

  /// Flip rate and class balance within 4.9 standard errors of a binomial, in every part.
  @Test func flipsAndClassesHaveTheirProbabilities() throws {
    var set = KSpin()
    (set.train, set.test, set.validation) = (4000, 2000, 1000)
    let data = try set.make()
    set.flipProbability = 0
    let bare = try set.make()
    // The label is drawn before the flips, so the set without flips has the same labels and shows each row's reference.
    for (part, reference) in [(data.train, bare.train), (data.test, bare.test), (data.validation, bare.validation)] {
      let (part, reference) = (try #require(part), try #require(reference))
      let flips = (0..<part.count).reduce(0) { sum, row in
        sum + zip(part.input(row), reference.input(row)).count { $0 != $1 }
      }
      let n = Double(part.count * 100)
      #expect(abs(Double(flips) / n - 0.355) < 4.9 * (0.355 * 0.645 / n).squareRoot())
      let count = Double(part.count)
      for classCount in part.classCounts {
        #expect(abs(Double(classCount) - count / 10) < 4.9 * (count * 0.09).squareRoot())
      }
    }
  }
}
