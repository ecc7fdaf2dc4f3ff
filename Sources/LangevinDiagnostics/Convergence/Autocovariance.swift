extension Draws {
  /// The autocovariance at every lag, averaged over the chains, each about its own mean and divided by its length.
  ///
  /// Two chains a and b travel through one transform as a + ib: the real part of the autocovariance of that complex
  /// series is the sum of theirs. The power spectra of all pairs are added before the single transform back.
  ///
  /// - Complexity: O(n log n) per chain of n draws.
  var meanAutocovariance: [Double] {
    let transform = FourierTransform(atLeast: 2 * drawsPerChain)
    var spectrum = transform.zeros
    for chain in stride(from: 0, to: chainCount, by: 2) {
      var real = transform.zeros
      var imaginary = transform.zeros
      centre(chain, into: &real)
      if chain + 1 < chainCount { centre(chain + 1, into: &imaginary) }
      transform.apply(&real, &imaginary)
      for k in spectrum.indices { spectrum[k] += real[k] * real[k] + imaginary[k] * imaginary[k] }
    }
    // The spectrum is real, so the real part of a second forward transform is the inverse up to the factor of its length.
    var imaginary = transform.zeros
    let scale = 1 / (Double(spectrum.count) * Double(drawsPerChain) * Double(chainCount))
    transform.apply(&spectrum, &imaginary)
    return spectrum.prefix(drawsPerChain).map { $0 * scale }
  }

  /// Writes one chain, less its mean, to the front of `row`.
  private func centre(_ chain: Int, into row: inout [Double]) {
    let draws = self[chain]
    let mean = draws.mean
    for (index, draw) in draws.enumerated() { row[index] = draw - mean }
  }
}

/// The autocorrelation function rho_0 = 1, rho_1, ... up to a lag, averaged over the chains.
///
/// Each chain is taken about its own mean. The estimate is noise of size 1/sqrt(draws) beyond the first few
/// autocorrelation times, so it is a picture to look at; for its sum use ``integratedAutocorrelationTime(of:)``.
/// A constant table counts as uncorrelated.
public func autocorrelation(of draws: Draws, upToLag largestLag: Int) -> [Double] {
  precondition(largestLag >= 0, "a lag is not negative")
  let covariance = draws.magnified.draws.meanAutocovariance.prefix(largestLag + 1)
  guard !draws.isConstant, let variance = covariance.first, variance > 0 else {
    return covariance.indices.map { $0 == 0 ? 1 : 0 }
  }
  return covariance.map { $0 / variance }
}
