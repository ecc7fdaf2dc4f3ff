/// Pieces of a page.
enum HTML {
  /// Text with the characters that mean something in a page written out.
  static func escaped(_ text: String) -> String {
    text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
      .replacing("\"", with: "&quot;")
  }

  /// A table that, on a telephone, has a line for the name of each row and its values with their names below it, or else
  /// scrolls by itself where it is wider than the page.
  static func table(_ table: TextTable, folds: Bool = true) -> String {
    let head = table.header.map { "<th>\(escaped($0))</th>" }.joined()
    let rows = table.rows.map { row in
      "<tr>"
        + row.enumerated().map { place, cell in
          let name = place < table.header.count ? table.header[place] : ""
          return place == 0
            ? "<th scope=\"row\">\(escaped(cell))</th>" : "<td data-name=\"\(escaped(name))\">\(escaped(cell))</td>"
        }
        .joined()
        + "</tr>"
    }
    return
      "<div class=\"wide\(folds && table.header.count > 3 ? " folds" : "")\"><table><thead><tr>\(head)</tr></thead><tbody>\(rows.joined(separator: "\n"))</tbody></table></div>"
  }

  /// A whole page that needs nothing else.
  static func page(title: String, body: String) -> String {
    """
    <!DOCTYPE html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>\(escaped(title))</title>
    <style>
    \(style)
    </style>
    </head>
    <body>
    \(body)
    </body>
    </html>

    """
  }

  private static let style = """
    \(Plot.colors)
    * { box-sizing: border-box; }
    body { margin: 0 auto; max-width: 1120px; padding: 24px 20px 48px; background: var(--page); color: var(--ink);
      font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif; }
    h1 { font-size: 24px; line-height: 1.25; margin: 0 0 4px; }
    h2 { font-size: 17px; margin: 34px 0 10px; }
    p { margin: 6px 0; max-width: 76ch; }
    .soft { color: var(--soft); }
    .facts { display: flex; flex-wrap: wrap; gap: 2px 22px; margin: 10px 0; padding: 0; }
    .facts div { white-space: nowrap; }
    .facts dt { display: inline; color: var(--soft); }
    .facts dd { display: inline; margin: 0 0 0 5px; font-weight: 600; }
    .verdict { border-left: 4px solid var(--good); padding: 4px 14px; margin: 14px 0; background: var(--card); }
    .verdict.bad { border-color: var(--bad); }
    .wide { overflow-x: auto; }
    table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: 14px; }
    th, td { padding: 3px 12px 3px 0; text-align: right; white-space: nowrap; border-bottom: 1px solid var(--rule); }
    th { font-weight: 600; }
    thead th { color: var(--soft); }
    tr > :first-child { text-align: left; }
    .plots { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 440px), 1fr)); gap: 14px; }
    .plots + .wide, .wide + .plots { margin-top: 14px; }
    figure { margin: 0; padding: 10px 10px 4px; background: var(--card); border: 1px solid var(--rule); border-radius: 6px; }
    figcaption { color: var(--soft); font-size: 13px; padding: 0 4px 6px; }
    svg { display: block; width: 100%; height: auto; }
    \(Plot.rules)
    code { font: 13px/1.4 ui-monospace, Menlo, Consolas, monospace; overflow-wrap: anywhere; }
    @media (max-width: 560px) {
      body { padding: 16px 12px 32px; }
      svg text.tick, svg text.label { font-size: 13px; }
      table { font-size: 13px; }
      th, td { padding-right: 8px; }
      .wide:not(.folds) td { white-space: normal; overflow-wrap: anywhere; }
      .folds thead { display: none; }
      .folds table, .folds tbody { display: block; }
      .folds tr { display: grid; grid-template-columns: repeat(3, 1fr); border-bottom: 1px solid var(--rule); padding: 4px 0; }
      .folds th { grid-column: 1 / -1; border: 0; }
      .folds td { border: 0; text-align: left; white-space: normal; }
      .folds td::before { content: attr(data-name); display: block; color: var(--soft); font-size: 11px; }
    }
    @media print {
      body { max-width: none; padding: 0; font-size: 11px; }
      figure, tr { break-inside: avoid; }
      h2 { break-after: avoid; }
      .plots { grid-template-columns: 1fr 1fr; }
      .wide { overflow: visible; }
    }
    """
}
