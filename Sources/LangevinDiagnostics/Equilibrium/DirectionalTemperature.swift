/// The temperature along one direction in parameter space, from positions and slopes projected on it.
///
/// For a fixed vector v of length 1 the mean of (v . theta)(v . grad U) over exp(-U/T) is T, by integration by parts. Unlike
/// the configurational temperature of a group, which averages over its directions, this finds the few directions that
/// correlated minibatch noise makes too hot. In mass-scaled coordinates theta_i is multiplied by sqrt(m_i) and
/// dU/dtheta_i divided by it before they are projected.
///
/// - Parameters:
///   - positions: v . theta of each draw.
///   - slopes: v . grad U of the same draws, on all data.
/// - Returns: The mean, with the mean position as origin, and its standard error.
public func directionalTemperature(positions: Draws, slopes: Draws) -> Estimate {
  precondition(
    positions.chainCount == slopes.chainCount && positions.drawsPerChain == slopes.drawsPerChain,
    "positions and slopes belong to the same draws")
  let origin = positions.values.mean
  let products = zip(positions.values, slopes.values).map { ($0 - origin) * $1 }
  return Estimate(
    meanOf: Draws(chainCount: positions.chainCount, drawsPerChain: positions.drawsPerChain, values: products))
}
