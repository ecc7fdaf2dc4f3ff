import LangevinCore
import LangevinSamplers

extension SamplingRun {
  /// Stores a chain, after so many seconds of this process.
  func writeCheckpoint(_ index: Int, after seconds: Double) throws {
    try chains.prepareCheckpoint(index)
    guard isWriting else { return }
    try files[index].flush()
    var header = CheckpointHeader(
      chain: chains.numbers[index], seconds: secondsBefore[index] + seconds, step: chains.steps(of: index),
      lengths: files[index].lengths)
    var archive = ArchiveWriter()
    try archiveChain(index, &header, in: &archive)
    try Checkpoint(fingerprint: record.identity, payload: archive.bytes).write(to: folder.checkpoint(header.chain))
  }

  /// Goes on where each chain was last stored; one that never was starts, and is stored at once. One that was killed between
  /// two renames has the checkpoint before.
  func openFiles(fromPrevious: Bool) throws {
    for (index, chain) in chains.numbers.enumerated() {
      let latest = folder.checkpoint(chain)
      let previous = folder.previousCheckpoint(chain)
      let path = fromPrevious || !RunFolder.exists(latest) ? previous : latest
      guard fromPrevious || RunFolder.exists(path) else {
        if isWriting { files.append(try ChainFiles(folder, chain: chain, of: record)) }
        secondsBefore.append(0)
        try writeCheckpoint(index, after: 0)
        continue
      }
      let lengths = try restore(index, from: path, orElse: previous)
      if isWriting { files.append(try ChainFiles(folder, chain: chain, of: record, lengths: lengths)) }
    }
    // All have read what is there before it changes.
    try ranks.wait()
    seconds = secondsBefore.max() ?? 0
    chains.adopt(try chains.numbers.map { try folder.readTrace($0) })
  }

  private func restore(_ index: Int, from path: String, orElse previous: String) throws -> FileLengths {
    do {
      let checkpoint = try Checkpoint(readingFrom: path)
      guard checkpoint.fingerprint == record.identity else {
        throw FileError(path, "belongs to a run with other settings than run.json")
      }
      var archive = ArchiveReader(checkpoint, path: path)
      var header = CheckpointHeader()
      try archiveChain(index, &header, in: &archive)
      try archive.finish()
      secondsBefore.append(header.seconds)
      return header.lengths
    } catch {
      guard path != previous, RunFolder.exists(previous), (try? Checkpoint(readingFrom: previous)) != nil else {
        throw error
      }
      throw FileError(
        path,
        "\((error as? FileError)?.reason ?? "\(error)"). The checkpoint before it is whole: "
          + "'langevin resume \(folder.path) --previous'")
    }
  }

  private func archiveChain(
    _ index: Int, _ header: inout CheckpointHeader, in archive: inout some StateArchive
  ) throws {
    try header.archive(in: &archive)
    if record.plan.ladder != nil { try archive.field("rung-bytes", &header.lengths.rungs) }
    let chain = chains.numbers[index]
    guard header.chain == chain else {
      throw FileError(
        folder.checkpoint(chain),
        "is the checkpoint of chain \(header.chain + 1), copied: chains of one start are one chain")
    }
    try chains.archive(index, in: &archive)
    for (number, observer) in observers.enumerated() {
      try archive.nested("observer-\(number + 1)") { archive in try observer.archive(chain: chain, in: &archive) }
    }
  }
}
