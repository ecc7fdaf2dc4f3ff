import LangevinCore
import LangevinTheory
import Testing

/// The reference tables of the regression with 7 weights, at its minimum and for the step size 1e-7.
@Suite struct NonlinearRegressionTests {
  private static let stepSize = 1e-7

  private static let atMinimum = Result {
    try ExampleDerivatives(
      of: NonlinearRegression.posterior(), at: NonlinearRegression.minimum, scale: NonlinearRegression.scale)
  }

  private static func steadyState(_ scheme: BatchScheme, timeStep: Double) throws -> LinearSteadyState {
    let examples = try atMinimum.get()
    return try LinearSteadyState(
      hessian: examples.hessian, diffusion: examples.diffusion(of: scheme, stepSize: stepSize), timeStep: timeStep)
  }

  /// Rows of an upper triangle that start at column `row + offset`; tolerance 1e-5 of the larger of the element and a
  /// thousandth of the largest, since the tables have seven digits.
  private func expect(_ matrix: DenseMatrix, upper rows: [[Double]], offset: Int = 0) {
    #expect(rows.count == 7 - offset)
    for (row, values) in rows.enumerated() {
      #expect(values.count == 7 - row - offset)
      for (place, value) in values.enumerated() {
        let column = row + offset + place
        let found = matrix[row, column]
        #expect(abs(found - value) < 1e-5 * abs(value) + 1e-8 * matrix.magnitude, "element \(row + 1), \(column + 1)")
      }
    }
  }

  @Test func gradientAtTheStart() throws {
    let start = [
      -0.005737244600260246, 1.7353762138709008, -1.0499249292429236, 0.5753709361353411, -0.36738997477480556,
      1.0071663760294896, -1.2757079018632909,
    ]
    let posterior = try NonlinearRegression.posterior()
    var workspace = posterior.makeWorkspace()
    var gradient = Tensor(start)
    _ = try posterior.evaluate(at: Tensor(start), gradient: &gradient, workspace: &workspace)
    let expected = [
      -4218.943309, 3108.731372, 3369.304112, -6785.041171, 18277.056183, 12407.674755, -23497.229832,
    ]
    for (found, expected) in zip(gradient.elements, expected) {
      #expect(abs(NonlinearRegression.scale * found - expected) < 1e-5)
    }
    let energy = try posterior.evaluate(
      at: Tensor(NonlinearRegression.minimum), gradient: &gradient, workspace: &workspace)
    expectNear(NonlinearRegression.scale * energy.total, 153.622864, relative: 1e-8)
    #expect(gradient.elements.allSatisfy { abs($0) < 1e-11 })
  }

  @Test func newtonFindsTheMinimum() throws {
    let near = NonlinearRegression.minimum.map { $0 + 0.1 }
    let found = try NonlinearRegression.posterior().minimum(near: near)
    for (found, expected) in zip(found, NonlinearRegression.minimum) { #expect(abs(found - expected) < 1e-12) }
  }

  @Test func hessian() throws {
    let hessian = try Self.atMinimum.get().hessian
    expect(hessian, upper: Self.hessian)
    expectNear(hessian.frobeniusNorm, 37724.118432, relative: 1e-9)
    let values = [55.02366428, 58.51554271, 397.2543687, 1848.5641005, 3097.6663733, 24658.45687, 28317.708724]
    for (found, expected) in zip(try SymmetricEigen(hessian).values, values) {
      expectNear(found, expected, relative: 1e-8)
    }
  }

  @Test func independentBatches() throws {
    let state = try Self.steadyState(.subset(10), timeStep: Self.stepSize)
    expect(state.diffusion, upper: Self.diffusion)
    expect(state.covariance, upper: Self.covariance)
    expect(state.circulation, upper: Self.circulation, offset: 1)
    expectNear(state.entropyProduction, 3.121953e-4, relative: 1e-6)
    expectNear(try state.discreteMean(of: .leftPoint(state)), 3.12599e-4, relative: 2e-6)
    // The softest mode is known to 11 % after 3e7 steps.
    expectNear(state.varianceErrors(timeUnits: 3e7)[0], 0.11, relative: 0.01)
  }

  /// The published notebook subtracts the mean of gradients without the prior from squares of gradients with it; that one
  /// slip gives its printed digits.
  @Test func thePublishedSlipIsUnderstood() throws {
    let examples = try Self.atMinimum.get()
    // grad R = (N lambda/s^2) w
    let prior = NonlinearRegression.minimum.map { 20 * $0 }
    let factor = 0.5 * Self.stepSize * Self.stepSize * (200 - 10) / (10 * 199)
    let diffusion =
      try examples.diffusion(of: .subset(10), stepSize: Self.stepSize)
      - factor * DenseMatrix(prior, outer: prior)
    let state = try LinearSteadyState(hessian: examples.hessian, diffusion: diffusion, timeStep: Self.stepSize)
    expectNear(state.diffusion[0, 0], 1.72743e-10, relative: 5e-6)
    expectNear(state.covariance[0, 0], 7.7408e-7, relative: 1e-5)
    expectNear(state.circulation[0, 1], 3.03345e-12, relative: 5e-6)
    expectNear(state.circulation[0, 2], 6.5987e-12, relative: 1e-5)
    expectNear(state.circulation[0, 5], -4.0179e-11, relative: 2e-5)
    expectNear(state.circulation[0, 6], 1.81625e-11, relative: 5e-6)
    expectNear(state.entropyProduction, 3.148285e-4, relative: 1e-6)
  }

  @Test func epochs() throws {
    let state = try Self.steadyState(.epochs(10), timeStep: 20 * Self.stepSize)
    expect(state.diffusion, upper: Self.epochDiffusion)
    expect(state.covariance, upper: Self.epochCovariance)
    expect(state.circulation, upper: Self.epochCirculation, offset: 1)
    expectNear(state.entropyProduction, 1.03665e-3, relative: 1e-5)
    // The leading formula is off by 0.5 %.
    let leading = try Self.atMinimum.get().leadingDiffusion(batchSize: 10, stepSize: Self.stepSize)
    #expect((leading - state.diffusion).frobeniusNorm < 0.0055 * state.diffusion.frobeniusNorm)
  }

  /// Without the fluctuations of the drift the error of areal velocities would come out larger by 1.1 to 2.8, and up to 1.45 without
  /// replacement.
  @Test(arguments: [(false, 1.1, 2.8), (true, 1.0, 1.45)])
  func errorsOfArealVelocities(epochs: Bool, smallest: Double, largest: Double) throws {
    let state = try Self.steadyState(epochs ? .epochs(10) : .subset(10), timeStep: (epochs ? 20 : 1) * Self.stepSize)
    let (c, d) = (state.covariance, state.diffusion)
    var ratios: [Double] = []
    for i in 0..<7 {
      for j in i + 1..<7 {
        let simple = ((c[i, i] * d[j, j] + c[j, j] * d[i, i] - 2 * c[i, j] * d[i, j]) / 2).squareRoot()
        ratios.append(simple / (try state.arealVelocityError(i, j, timeUnits: 1)))
      }
    }
    #expect((ratios.min() ?? 0) > smallest - 0.05 && (ratios.max() ?? 9) < largest + 0.05)
    #expect((ratios.max() ?? 0) > largest - 0.05)
  }

  @Test func effectiveMinimum() throws {
    let found = try NonlinearRegression.posterior().effectiveMinimum(
      near: NonlinearRegression.minimum, batchSize: 10, stepSize: Self.stepSize, scale: NonlinearRegression.scale)
    let expected = [
      1.283376296, 1.230776843, 0.704626085, -0.531780045, 0.927772063, -0.908804476, -0.008837298,
    ]
    for (found, expected) in zip(found, expected) { #expect(abs(found - expected) < 1e-9) }
    let published = [
      1.2833763076, 1.2307768449, 0.7046260863, -0.5317800371, 0.9277720669, -0.9088044789, -0.0088373004,
    ]
    let shift = zip(published, NonlinearRegression.minimum).map { $0 - $1 }
    let gap = zip(found, published).map { $0 - $1 }
    #expect(gap.reduce(0) { $0 + $1 * $1 } < 9e-8 * shift.reduce(0) { $0 + $1 * $1 })
  }

  /// With noise at temperature 1 the current falls off much faster with the step size when the batches are reshuffled.
  @Test(arguments: [(1e-7, 1.1484e-7, 1.090e-16, 3.0385e-4, 1.94e-11), (1e-6, 9.309e-5, 1.079e-9, 2.6591e-2, 1.935e-5)])
  func injectedNoise(
    stepSize: Double, independent: Double, reshuffled: Double, independentDivergence: Double,
    reshuffledDivergence: Double
  ) throws {
    let examples = try Self.atMinimum.get()
    let epoch = 20 * stepSize
    let thermal = DenseMatrix(diagonal: stepSize, count: 7)
    let sgld = try LinearSteadyState(
      hessian: examples.hessian, diffusion: thermal + examples.diffusion(of: .subset(10), stepSize: stepSize),
      timeStep: stepSize)
    let sgworld = try LinearSteadyState(
      hessian: examples.hessian, diffusion: 20 * thermal + examples.diffusion(of: .epochs(10), stepSize: stepSize),
      timeStep: epoch)
    expectNear(20 * sgld.entropyProduction, independent, relative: 1e-3)
    expectNear(sgworld.entropyProduction, reshuffled, relative: 1e-3)
    expectNear(try sgld.divergenceFromGibbs(temperature: 1), independentDivergence, relative: 1e-3)
    expectNear(try sgworld.divergenceFromGibbs(temperature: 1), reshuffledDivergence, relative: 3e-3)
  }
}

extension NonlinearRegressionTests {
  private static let hessian: [[Double]] = [
    [1.564816e+03, -4.343837e+02, -1.705164e+03, 1.278013e+02, 1.819164e+03, 2.916940e+03, -2.618864e+03],
    [1.255063e+03, 1.278013e+02, 1.331008e+03, -2.681727e+03, -1.938409e+03, -2.099398e+03],
    [3.079425e+03, -1.676179e+03, -7.179734e+00, -3.294695e+03, 4.810691e+03],
    [3.064416e+03, -3.365271e+03, -3.568772e+00, -4.912822e+03],
    [1.483503e+04, 1.225456e+04, 3.555837e+03],
    [1.461444e+04, -2.975880e+03],
    [2.002000e+04],
  ]

  private static let diffusion: [[Double]] = [
    [1.730576e-10, -5.003574e-11, -1.907064e-10, 1.288117e-11, 2.000001e-10, 3.214227e-10, -2.885388e-10],
    [1.354087e-10, 1.258527e-11, 1.480309e-10, -2.871573e-10, -2.025353e-10, -2.237044e-10],
    [3.139004e-10, -1.617354e-10, -2.318927e-11, -3.493175e-10, 5.003359e-10],
    [3.098343e-10, -3.506197e-10, -1.597232e-11, -5.063525e-10],
    [1.319422e-09, 1.074287e-09, 2.374461e-10],
    [1.301554e-09, -4.242225e-10],
    [1.858848e-09],
  ]

  private static let covariance: [[Double]] = [
    [7.843920e-07, 2.392994e-09, -2.299732e-07, -5.108397e-08, 8.523483e-08, -3.802551e-08, -2.842260e-08],
    [7.604307e-07, 3.280521e-08, 1.559734e-07, 6.329998e-08, -1.256677e-07, -5.482577e-08],
    [6.890526e-07, 8.635456e-08, 1.794532e-07, -1.898582e-07, 2.937059e-08],
    [6.371198e-07, -2.339483e-07, 1.885249e-07, -6.167313e-08],
    [6.497087e-07, 2.350743e-07, -2.707306e-08],
    [6.243863e-07, -8.475565e-08],
    [8.890465e-07],
  ]

  private static let circulation: [[Double]] = [
    [2.994761e-12, 6.476872e-12, -5.648596e-12, -2.914916e-11, -4.004088e-11, 1.819948e-11],
    [4.333483e-12, -1.189185e-12, 4.843667e-11, 4.480283e-11, 4.726785e-11],
    [6.246315e-13, 1.299920e-11, 1.747147e-11, -2.117139e-11],
    [5.293523e-11, 5.066261e-11, 4.723799e-11],
    [-2.705805e-11, -3.507712e-11],
    [-4.707526e-12],
  ]

  private static let epochDiffusion: [[Double]] = [
    [4.357000e-13, -1.172686e-13, -5.380605e-13, 1.663007e-13, 1.101434e-12, 1.571227e-12, -1.194767e-12],
    [3.131222e-13, -6.369157e-14, 4.024464e-13, -1.382450e-12, -1.055672e-12, -8.245009e-13],
    [8.270580e-13, -5.448373e-13, -5.421173e-13, -1.471299e-12, 2.326504e-12],
    [7.834933e-13, -1.311362e-12, -3.975230e-13, -2.279843e-12],
    [7.078343e-12, 6.501185e-12, 1.395610e-12],
    [7.183017e-12, -1.743562e-12],
    [8.000733e-12],
  ]

  private static let epochCovariance: [[Double]] = [
    [1.033508e-11, -2.037715e-12, -1.125200e-11, 3.616320e-12, 1.912059e-11, 2.849826e-11, -2.414500e-11],
    [7.604500e-12, -1.361325e-12, 8.265974e-12, -2.442676e-11, -1.823575e-11, -1.640923e-11],
    [1.887557e-11, -1.150030e-11, -7.754885e-12, -2.839755e-11, 4.645840e-11],
    [1.776828e-11, -2.492846e-11, -4.699901e-12, -4.531991e-11],
    [1.263312e-10, 1.132480e-10, 2.615555e-11],
    [1.288838e-10, -3.632024e-11],
    [1.626099e-10],
  ]

  private static let epochCirculation: [[Double]] = [
    [1.729473e-15, -5.020432e-16, 8.540837e-16, -1.698382e-14, -1.639024e-14, -4.996494e-15],
    [8.763340e-16, 1.732757e-15, 9.747478e-15, 1.081110e-14, 1.327802e-14],
    [-4.898390e-16, 1.007725e-14, 9.965939e-15, -6.813001e-15],
    [1.635920e-14, 1.638632e-14, 2.295843e-14],
    [-7.044901e-15, -4.879885e-14],
    [-2.785542e-14],
  ]
}
