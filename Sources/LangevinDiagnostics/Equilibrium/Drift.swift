/// The mean of the last third of the draws less that of the first third: has the run stopped moving?
///
/// Read ``Estimate/deviation(from:)`` zero: a stationary run stays within 3 standard errors. The middle third is left out
/// so that the two means are nearly independent (Geweke, 1992, with thirds). The errors come from the thirds themselves,
/// which a trend widens: a pure ramp still shows as 5 of them, but a drift slower than the fluctuations of a third hides.
/// Two runs from different starts and their ``rHat(of:)`` see more.
///
/// - Throws: ``DiagnosticsError/tooFewDraws(chain:found:needed:)`` if the thirds are shorter than four draws.
package func drift(of draws: Draws) throws(DiagnosticsError) -> Estimate {
  let third = draws.drawsPerChain / 3
  guard third >= Draws.fewestDraws else {
    throw .tooFewDraws(chain: 0, found: draws.drawsPerChain, needed: 3 * Draws.fewestDraws)
  }
  let first = draws.stretch(0..<third)
  let last = draws.stretch(draws.drawsPerChain - third..<draws.drawsPerChain)
  return Estimate(meanOf: last) - Estimate(meanOf: first)
}
