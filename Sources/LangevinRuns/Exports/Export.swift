import LangevinCore

/// A format in which draws and traces go to other programs.
public enum ExportFormat: String, CaseIterable, Sendable {
  /// A Zarr folder that `xarray.open_datatree` and `arviz.from_datatree` read: groups `posterior` and `sample_stats`, and those
  /// that were asked for.
  case zarr
  /// One NumPy archive: each block of the parameters `[chain, draw, ...]` and each column of the traces `[chain, row]`.
  case npz
  /// A file of tensors named as the layers, the draws of all chains one after the other: `[draw, ...]`.
  case safetensors
}

/// A group of a Zarr folder that is made from the data of a network run; names are ArviZ's.
package enum ExportGroup: String, CaseIterable, Sendable {
  /// `y [chain, draw, example]`: ln p of each training target under each draw, constants in, for `arviz.loo`.
  case logLikelihood = "log_likelihood"
  /// `y [chain, draw, example]`: a target for each training example, drawn from what each draw predicts.
  case posteriorPredictive = "posterior_predictive"
  /// `y [example]`: the training targets.
  case observedData = "observed_data"
  /// `x [example, feature]`: the training inputs, in the units of the file.
  case constantData = "constant_data"
}

/// The draws and traces of runs with the same potential, on their way to another program.
public struct Export {
  /// An array to be written: its name, its shape, and its bytes in parts.
  struct Variable {
    let name: String
    /// Whether numbers are single precision.
    let isSingle: Bool
    /// Chains, draws or rows, and the shape of a block.
    let shape: [Int]
    /// The names of the dimensions after the first two, where they have names of their own.
    var dimensions: [String]?
    /// Whether each number is one byte, 0 or 1.
    var isFlag = false
    /// The bytes of draw `draw` of chain `chain`.
    let bytes: (_ chain: Int, _ draw: Int) throws -> [UInt8]

    var itemSize: Int { isFlag ? 1 : isSingle ? 4 : 8 }
    /// Numbers of one draw.
    var drawLength: Int { shape.dropFirst(2).reduce(1, *) }
    var byteCount: Int { shape.reduce(itemSize, *) }
  }

  /// The blocks of the parameters.
  let parameters: [Variable]
  /// The columns of the traces.
  let columns: [Variable]
  /// The same by the names of ArviZ, with divergences row by row.
  let statistics: [Variable]
  /// What draws say of the training data, if that was asked for.
  let likelihoods: DrawLikelihoods?
  /// Which of it.
  let groups: [ExportGroup]
  /// The document of the first run: data, transforms, network, settings.
  let document: String

  /// The draws and traces of runs with the same potential; longer chains are cut to the shortest.
  public init(of folders: [RunFolder]) throws { try self.init(of: folders, with: []) }

  /// The same; a Zarr folder has groups besides, of network runs whose data are still there.
  package init(of folders: [RunFolder], with groups: [ExportGroup]) throws {
    self.groups = groups
    likelihoods = groups.isEmpty ? nil : try DrawLikelihoods(of: folders)
    let stored = try StoredRuns(folders)
    let layout = stored.record.layout
    let isSingle = stored.record.precision == .single
    let draws = try DrawsReader<Double>(stored.sources, parameterCount: layout.count, single: isSingle)
    let drawCount = draws.chains.map(\.count).min() ?? 0
    parameters = layout.blocks.map { block in
      Variable(name: block.name, isSingle: isSingle, shape: [draws.chains.count, drawCount] + block.shape) {
        chain, draw in
        try draws.bytes(draws.chains[chain].lowerBound + draw, block.range)
      }
    }
    let traces = stored.traces
    let rowCount = traces.map { $0.rowCount - $0.warmupRows }.min() ?? 0
    let names = traces.first?.columns ?? []
    let shape = [traces.count, rowCount]
    func variable(_ name: String, _ values: [[Double]]) -> Variable {
      Variable(name: name, isSingle: false, shape: shape) { chain, row in
        var bytes: [UInt8] = []
        bytes.append(littleEndian: values[chain][row].bitPattern)
        return bytes
      }
    }
    columns = names.map { name in variable(name, traces.map { $0.kept(name) ?? [] }) }
    var statistics = names.filter { $0 != "divergences__" }.map { name in
      variable(Self.arviZ(name), traces.map { $0.kept(name) ?? [] })
    }
    if names.contains("divergences__") {
      let flags = traces.map(\.divergences)
      var diverging = Variable(name: "diverging", isSingle: false, shape: shape) { [flags[$0][$1]] }
      diverging.isFlag = true
      statistics.append(diverging)
    }
    self.statistics = statistics
    document = stored.record.json.description
  }

  /// The name of a column in ArviZ, whose `energy` is U + K over T.
  private static func arviZ(_ column: String) -> String {
    switch column {
    case "energy": return "potential_energy"
    case Row.hamiltonian: return "energy"
    case "acceptance", "acceptance_statistic__": return "acceptance_rate"
    case "depth__": return "tree_depth"
    case "leapfrogs__": return "n_steps"
    default: return column.hasSuffix("__") ? String(column.dropLast(2)) : column
    }
  }

  /// Writes everything to a file or, for Zarr, a folder, which must not be there yet.
  public func write(as format: ExportFormat, to path: String) throws {
    guard !RunFolder.exists(path) else { throw FileError(path, "exists already; name another") }
    switch format {
    case .zarr: try writeZarr(to: path)
    case .npz: try writeNumPyArchive(to: path)
    case .safetensors: try writeSafetensors(to: path)
    }
  }
}

extension Trace {
  /// Whether some move since the last row has diverged, for each kept row.
  fileprivate var divergences: [UInt8] {
    guard let counts = self["divergences__"] else { return [] }
    return (warmupRows..<rowCount).map { $0 > 0 && counts[$0] > counts[$0 - 1] || $0 == 0 && counts[0] > 0 ? 1 : 0 }
  }
}
