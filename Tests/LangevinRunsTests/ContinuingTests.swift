import Langevin
import Testing

@Suite struct ContinuingTests {
  private let well: HarmonicPotential<Double>
  private let sampler: SGLD<Double>

  init() throws {
    well = try HarmonicPotential(stiffness: [1, 2, 3])
    sampler = try SGLD(stepSize: 0.1, temperature: 1)
  }

  @Test func chainsStartWhereTheOthersAre() throws {
    let first = try ChainGroup(well, sampler: sampler, chains: 3, keepingEvery: 1, seed: 5) { _ in Tensor(zeros: 3) }
    try first.advance(steps: 20)
    let descent = try StochasticGradientDescent<Double>(stepSize: 0.25)
    let second = try ChainGroup(well, sampler: descent, continuing: first, keepingEvery: 1, seed: 6)
    #expect(second.chainCount == 3)
    #expect(second.step == 0)
    try second.advance(steps: 1)
    for (before, after) in zip(first.parameters, second.parameters) {
      let (start, end): (Tensor<Double>, Tensor<Double>) = (before.tensor(), after.tensor())
      for (index, k) in [1.0, 2, 3].enumerated() { #expect(end[index] == start[index] - 0.25 * (k * start[index])) }
    }
    // The chains that are gone on from stay as they are.
    #expect(first.step == 20)
  }

  @Test func anotherPotentialIsRefused() throws {
    let first = try ChainGroup(well, sampler: sampler, keepingEvery: 1) { _ in Tensor(zeros: 3) }
    let other = try HarmonicPotential<Double>(stiffness: [1])
    #expect(throws: ChainError.self) {
      try ChainGroup(other, sampler: sampler, continuing: first, keepingEvery: 1, seed: 1)
    }
  }
}
