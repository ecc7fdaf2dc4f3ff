import LangevinCore
import LangevinSamplers
import Testing

@Suite struct SplittingWordTests {
  @Test func lettersShareTheStep() throws {
    let word = try SplittingWord("ACDEDCAB")
    #expect(word.letters.map(\.fraction) == [0.5, 0.5, 0.5, 1, 0.5, 0.5, 0.5, 1])
    #expect("\(word)" == "ACDEDCAB")
  }

  @Test(arguments: [
    ("BAOAB", "AOAB", true), ("OABAO", "AOAB", true), ("AOAB", "AOAB", false), ("BAOA", "AOAB", false),
    ("ABOBA", "ABOB", true), ("OBABO", "ABOB", true), ("UBU", "UB", true), ("BUB", "UB", true), ("X", "X", true),
    ("BACDEDCAB", "ACDEDCAB", true), ("BAEFEAB", "AEFEAB", true),
  ])
  func normalFormAndSymmetry(text: String, normalForm: String, isSymmetric: Bool) throws {
    let word = try SplittingWord(text)
    #expect("\(word.normalForm)" == normalForm)
    #expect(word.isSymmetric == isSymmetric)
  }

  /// Merged letters run for the sum of their times.
  @Test func normalFormKeepsTimes() throws {
    let word = try SplittingWord("OBABO").normalForm
    #expect(word.letters.map(\.fraction) == [1, 0.5, 1, 0.5])
  }

  @Test(arguments: [
    "BAOAB", "ABOBA", "OBABO", "OABAO", "AOAB", "BAOA", "UBU", "BUB", "ACDEDCAB", "BACDEDCAB", "BAEFEAB", "NE", "H",
    "X", "Y",
  ])
  func namedWordsNeedOneGradient(text: String) throws { #expect(try SplittingWord(text).gradientCount == 1) }

  @Test func otherWordsMayNeedMore() throws {
    #expect(try SplittingWord("BABAO").gradientCount == 2)
    #expect(try SplittingWord("ABABAB").gradientCount == 3)
    #expect(try SplittingWord("BAOBAO").gradientCount == 2)
    #expect(try SplittingPlan(word: SplittingWord("ABABAB")).gradientCount == 3)
  }

  @Test func fractionsAreTaken() throws {
    let word = try SplittingWord("BABAB", fractions: [0.2, 0.5, 0.6, 0.5, 0.2])
    #expect(word.letters.map(\.fraction) == [0.2, 0.5, 0.6, 0.5, 0.2])
    #expect(word.isSymmetric)
  }

  @Test(arguments: [
    ("", 0), ("BAQAB", 2), ("baoab", 0), ("AO", 1), ("OBO", 2), ("BAO B", 3),
  ])
  func wordsThatAreNone(text: String, place: Int) {
    #expect { try SplittingWord(text) } throws: { error in
      guard case .word(text, position: place, _)? = error as? SamplingError else { return false }
      return true
    }
  }

  @Test(arguments: [([0.5, 0.5], 2), ([0.5, 0.5, 0.4], 2), ([0.5, 0.4, 1], 0), ([1.5, -0.5, 1], 1)])
  func fractionsThatAreNone(fractions: [Double], place: Int) {
    #expect { try SplittingWord("AAB", fractions: fractions) } throws: { error in
      guard case .word("AAB", position: place, _)? = error as? SamplingError else { return false }
      return true
    }
  }
}

@Suite struct SplittingPlanTests {
  @Test(arguments: [
    ("AOAB", "AOAB: pass 1: kick, drift, friction+noise, drift; then gradient", 1),
    ("BAOAB", "BAOAB: pass 1: kick, kick, drift, friction+noise, drift; then gradient", 1),
    ("OBABO", "OBABO: pass 1: kick, friction+noise, friction+noise, kick, drift; then gradient", 1),
    ("ABOBA", "ABOBA: pass 1: drift; then gradient; then pass 2: kick, friction+noise, kick, drift", 2),
    ("UBU", "UBU: pass 1: flight; then gradient; then pass 2: kick, flight", 2),
    (
      "ACDEDCAB",
      "ACDEDCAB: pass 1: kick, drift, thermostat friction, noise; feedback; "
        + "pass 2: noise, thermostat friction, drift; then gradient", 2
    ),
    (
      "BAEFEAB",
      "BAEFEAB: pass 1: kick, kick, drift; feedback; pass 2: thermostat friction+noise, drift; feedback; then gradient",
      2
    ),
    ("X", "X: gradient; then pass 1: overdamped move", 1),
  ])
  func saysWhatItDoes(word: String, text: String, passes: Int) throws {
    let plan = SplittingPlan(word: try SplittingWord(word))
    #expect("\(plan)" == text)
    #expect(plan.gradientCount == 1)
    #expect(plan.passCount == passes)
  }

  @Test func partitionsMeetAtTheGradient() throws {
    let text = "\(try Splitting<Float>.lol(temperatures: (1e-4, 1e-4)).plan)"
    #expect(
      text == """
        langevin: BAOAB: pass 1: kick, kick, drift, friction+noise, drift; then gradient
        overdamped: X: gradient; then pass 1: overdamped move
        """)
  }

  /// More normals than a pass can hold, and the law to second order in the step.
  @Test func longWordsAreCutIntoPasses() throws {
    let word = try SplittingWord("UOUOUB")
    #expect(SplittingPlan(word: word).passCount == 3)
    let method = try splitting("UOUOUB", stepSize: 0.01)
    let exact = try ExactMoments(normals: 12) { start, normals, _ in
      let found = try oneStep(
        of: method, on: HarmonicPotential(stiffness: [1]), from: start, normals: normals)
      return [found.q, found.p]
    }
    #expect(abs(exact.covariance[0][0] - 1) < 1e-3)
    #expect(abs(exact.covariance[1][1] - 1) < 1e-3)
  }

  /// The evaluator's count: one gradient per step, and one more where a kick comes first.
  @Test(arguments: [
    ("BAOAB", 11), ("ABOBA", 10), ("OBABO", 11), ("OABAO", 10), ("AOAB", 10), ("BAOA", 10), ("UBU", 10), ("BUB", 11),
    ("H", 10), ("X", 10), ("Y", 10), ("ABABAB", 30),
  ])
  func gradientsAreCounted(word: String, expected: UInt64) throws {
    let method = try splitting(word, stepSize: 0.1)
    var evaluator = try Evaluator(HarmonicPotential<Double>(stiffness: [1]), seed: 1)
    var state = try method.start(at: Tensor([0.5]), with: &evaluator)
    for _ in 0..<10 { _ = try method.step(&state, with: &evaluator) }
    #expect(evaluator.evaluations == expected)
  }
}
