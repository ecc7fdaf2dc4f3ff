/// The potential scale reduction R-hat, rank-normalised and folded: do the chains agree with each other?
///
/// Two numbers are compared, each for the halves of all chains: the scatter inside them and the scatter of all draws
/// together. Their ratio is 1 for chains that have forgotten where they started, and larger for chains that have not:
/// at 1.01 one may begin to trust, above 1.05 one should not. The larger of two R-hats is returned: that of the rank
/// scores of the draws, which sees chains in different places, and that of the rank scores of their distances from the
/// median, which sees chains of different width.
///
/// Undefined, and `nil`, for a single chain and for a constant table; infinite for chains stuck in different places.
///
/// Reference: A. Vehtari, A. Gelman, D. Simpson, B. Carpenter, P.-C. Bürkner, "Rank-normalization, folding, and
/// localization: an improved R-hat for assessing convergence of MCMC", Bayesian Analysis 16 (2021), equation (14).
public func rHat(of draws: Draws) -> Double? {
  guard draws.chainCount > 1, !draws.isConstant else { return nil }
  let halves = draws.split
  // Folding may leave a constant (draws that take two values), which says nothing.
  return [halves, halves.folded].compactMap { scaleReduction(of: $0.rankNormalScores) }.max()
}

/// The R-hat of the halves of the chains as they are, without ranks: the version of Gelman et al. (2013).
///
/// It misses chains that differ only in width and needs a law with a finite variance; ``rHat(of:)`` is the one to report.
/// `nil` and infinite in the same cases.
package func splitRHat(of draws: Draws) -> Double? {
  draws.chainCount > 1 ? scaleReduction(of: draws.magnified.draws.split) : nil
}

/// sqrt(V / W) of the chains as given, equations (1) to (4) of Vehtari et al.: W is the mean variance inside the chains,
/// V adds the variance of their means. `nil` for a constant table.
private func scaleReduction(of table: Draws) -> Double? {
  guard !table.isConstant else { return nil }
  let count = Double(table.drawsPerChain)
  let within = (0..<table.chainCount).map { table[$0].variance }.mean
  let total = within * (count - 1) / count + table.chainMeans.variance
  return (total / within).squareRoot()
}
