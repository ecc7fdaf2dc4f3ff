// Checks the public surface of a module: every public symbol has a doc comment, every public type and function is a topic of a
// page, and there are no more of them than a file says.
//
//   surface MODULE.docc MOST MODULE.symbols.json...      MOST: a file with a number, or - for no limit
//
// What a type has because it conforms to a protocol is left out where the compiler wrote it; a comment that comes with a
// protocol's requirement counts.
import Foundation

struct SymbolGraph: Decodable {
  struct Symbol: Decodable {
    struct Kind: Decodable {
      let identifier: String
      let displayName: String
    }
    struct Identifier: Decodable { let precise: String }
    struct DocComment: Decodable {}
    struct Location: Decodable {
      struct Position: Decodable { let line: Int }
      let uri: String
      let position: Position
    }
    let kind: Kind
    let identifier: Identifier
    let pathComponents: [String]
    let docComment: DocComment?
    let location: Location?
  }
  let symbols: [Symbol]
}

let arguments = CommandLine.arguments
guard arguments.count > 3 else { fatalError("surface CATALOGUE MOST GRAPH...") }
var symbols: [SymbolGraph.Symbol] = []
for path in arguments[3...] {
  let graph = try JSONDecoder().decode(SymbolGraph.self, from: Data(contentsOf: URL(fileURLWithPath: path)))
  symbols += graph.symbols.filter { !$0.identifier.precise.contains("::SYNTHESIZED::") }
}
var complaints: [String] = []
for symbol in symbols where symbol.docComment == nil {
  let place = symbol.location.map { "\($0.uri):\($0.position.line + 1)" } ?? "somewhere"
  complaints.append(
    "\(place): \(symbol.kind.displayName) \(symbol.pathComponents.joined(separator: ".")) has no doc comment")
}

// Topics are list items such as - ``Posterior``.
var topics: Set<String> = []
for page in FileManager.default.enumerator(atPath: arguments[1]) ?? .init() {
  guard let page = page as? String, page.hasSuffix(".md") else { continue }
  let text = try String(contentsOfFile: arguments[1] + "/" + page, encoding: .utf8)
  for line in text.split(separator: "\n") where line.hasPrefix("- ``") {
    topics.insert(String(line.dropFirst(4).prefix { $0 != "`" }))
  }
}
for symbol in symbols where symbol.pathComponents.count == 1 && !topics.contains(symbol.pathComponents[0]) {
  complaints.append("\(symbol.pathComponents[0]) is public and a topic of no page")
}

print("\(symbols.count) public symbols")
if arguments[2] != "-" {
  let text = try String(contentsOfFile: arguments[2], encoding: .utf8)
  guard let most = Int(text.split(separator: "\n")[0]) else { fatalError("\(arguments[2]) begins with no number") }
  if symbols.count > most { complaints.append("\(arguments[2]) allows \(most): make something package") }
}
for line in complaints.sorted() { print(line) }
exit(complaints.isEmpty && !symbols.isEmpty ? 0 : 1)
