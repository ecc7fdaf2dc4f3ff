import Langevin
import LangevinPlatform
import LangevinTheory

extension ParityMeanField {
  /// m against kappa with infinitely many data: kernel, plain theory and, for each stiffness, the adaptive theory with both of its
  /// branches and their free energies.
  package func transition(noises: [Double], stiffnesses: [Double]) throws -> ResultTable {
    let eigenvalue = try ArcCosineKernel.eigenvalue(of: model, degree: degree)
    var table = ResultTable(
      "Transition with infinitely many data: d \(model.inputs), k \(degree), N \(model.width), "
        + "gamma \(model.outputExponent); T = 2 kappa^2 with the mean loss",
      columns: [.init("kappa"), .init("kernel: m"), .init("plain: m"), .init("plain: free energy")]
        + stiffnesses.flatMap { nu in
          ["m", "free energy", "m, metastable", "free energy, metastable"].map { .init("adaptive, nu \(nu): \($0)") }
        })
    for noise in noises {
      let theory = try with(noise: noise)
      let ridge = noise * noise * pow(Double(model.width), 2 * model.outputExponent - 1)
      let plain = try theory.solve()
      var row = [noise, eigenvalue / (eigenvalue + ridge), plain.overlap, plain.freeEnergy]
      for nu in stiffnesses {
        let (found, other) = try theory.solveAdaptive(stiffness: nu)
        row += [
          found.solution.overlap, found.freeEnergy, other?.solution.overlap ?? .nan, other?.freeEnergy ?? .nan,
        ]
      }
      table.add(row)
    }
    return table
  }
}
