/// Files that people hand in for tables in text, told by their first bytes.
struct ForeignFormat {
  let name: String
  /// What to do with one.
  let advice: String

  init?(of bytes: [UInt8]) {
    func starts(_ text: String) -> Bool { bytes.starts(with: text.utf8) }
    let save = "save the sheet as CSV (UTF-8)"
    let convert = "pandas writes one: to_csv('table.csv', index=False)"
    if bytes.starts(with: [0xD0, 0xCF, 0x11, 0xE0]) {
      (name, advice) = ("an old Excel workbook (.xls)", save)
    } else if starts("PK\u{3}\u{4}") {
      let start = String(decoding: bytes.prefix(4096), as: UTF8.self)
      if start.contains("[Content_Types].xml") || start.contains("xl/") || start.contains("_rels/") {
        (name, advice) = ("an Excel workbook (.xlsx)", save)
      } else if start.contains("opendocument.spreadsheet") {
        (name, advice) = ("an OpenDocument spreadsheet (.ods)", save)
      } else if start.contains(".npy") {
        (name, advice) = ("a NumPy archive (.npz)", "save its arrays as x.npy and y.npy in a folder")
      } else {
        (name, advice) = ("a ZIP archive", "unpack it first")
      }
    } else if starts("PAR1") {
      (name, advice) = ("a Parquet file", convert)
    } else if starts("ARROW1") || starts("FEA1") {
      (name, advice) = ("an Arrow (Feather) file", convert)
    } else if bytes.starts(with: [0x89]), bytes.dropFirst().starts(with: "HDF".utf8) {
      (name, advice) = ("an HDF5 file", convert)
    } else if starts("SQLite format 3") {
      (name, advice) = ("an SQLite database", "export the table as CSV")
    } else if bytes.starts(with: [0x93]), bytes.dropFirst().starts(with: "NUMPY".utf8) {
      (name, advice) = ("a NumPy array", "put inputs and targets as x.npy and y.npy into a folder")
    } else if bytes.starts(with: [0x80]), bytes.count > 1, 2...5 ~= bytes[1] {
      (name, advice) = ("a Python pickle", convert)
    } else if starts("BZh") || bytes.starts(with: [0xFD, 0x37, 0x7A]) || bytes.starts(with: [0x28, 0xB5, 0x2F, 0xFD]) {
      (name, advice) = ("a file compressed by bzip2, xz or zstd", "decompress it first, or use gzip")
    } else if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) {
      (name, advice) = ("text in UTF-16", "save it as UTF-8")
    } else if starts("%PDF") {
      (name, advice) = ("a PDF document", save)
    } else if let first = bytes.first(where: { !" \t\r\n".utf8.contains($0) }), first == UInt8(ascii: "<") {
      (name, advice) = ("a page of HTML or XML", "download the table itself")
    } else if let first = bytes.first(where: { !" \t\r\n".utf8.contains($0) }),
      first == UInt8(ascii: "{") || first == UInt8(ascii: "[")
    {
      (name, advice) = ("JSON", convert)
    } else if bytes.contains(0) {
      (name, advice) = ("bytes that are no text", convert)
    } else {
      return nil
    }
  }
}
