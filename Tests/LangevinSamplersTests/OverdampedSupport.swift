import LangevinCore
import LangevinPlatform
import LangevinSamplers
import _LangevinTestSupport

/// Whether a chain that is stored after `first` steps and read into a fresh state goes on as if nothing had been.
func restartsBitForBit<S: Sampler, P: Potential>(
  _ sampler: S, on potential: P, batches: BatchScheme = .all, warmup: UInt64 = 0, from position: Tensor<S.Element>,
  first: Int, steps: Int
) throws -> Bool where P.Element == S.Element {
  func fresh() throws -> (Evaluator<P>, S.State) {
    var evaluator = try Evaluator(potential, batches: batches, seed: 7, warmup: warmup)
    let state = try sampler.start(at: position, with: &evaluator)
    return (evaluator, state)
  }
  var (evaluator, state) = try fresh()
  var fields = FieldList()
  for step in 0..<steps {
    if step == first {
      var (copy, copyEvaluator) = (state, evaluator)
      try copy.archive(in: &fields)
      try copyEvaluator.archive(in: &fields)
    }
    _ = try sampler.step(&state, with: &evaluator)
  }

  var (lateEvaluator, lateState) = try fresh()
  fields.isReading = true
  try lateState.archive(in: &fields)
  try lateEvaluator.archive(in: &fields)
  for _ in first..<steps { _ = try sampler.step(&lateState, with: &lateEvaluator) }
  return lateState.position == state.position && lateState.step == state.step
    && sampler.draw(from: lateState) == sampler.draw(from: state)
}

/// Mean and standard error of numbers that come in order, by the spread of the means of 64 blocks.
struct BlockMean {
  private var blocks = [Double](repeating: 0, count: 64)
  private var count = 0
  private let blockLength: Int

  /// For `total` numbers; those beyond the last whole block are left out.
  init(total: Int) { blockLength = total / 64 }

  mutating func add(_ value: Double) {
    if count < 64 * blockLength { blocks[count / blockLength] += value / Double(blockLength) }
    count += 1
  }

  var mean: Double { blocks.reduce(0, +) / 64 }
  var standardError: Double {
    let mean = mean
    return (blocks.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (63 * 64)).squareRoot()
  }
  /// How many standard errors the mean lies from what is expected.
  func z(from expected: Double) -> Double { (mean - expected) / standardError }
}

func exponential(_ x: Double) -> Double { exp(x) }
func naturalLogarithm(_ x: Double) -> Double { log(x) }
