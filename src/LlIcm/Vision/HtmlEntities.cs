using System.Globalization;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;

namespace LlIcm.Vision;

/// <summary>
/// Replaces character references as Python's <c>html.unescape</c> does, except that of the names that came with HTML 5
/// only those of HTML 4 are known.
/// </summary>
internal static partial class HtmlEntities
{
    /// <summary>The text with its references replaced, once.</summary>
    public static string Unescape(string text) =>
        text.Contains('&') ? Reference().Replace(text, match => Replace(match.Value)) : text;

    [GeneratedRegex("&(#[0-9]+;?|#[xX][0-9a-fA-F]+;?|[^\t\n\f <&#;]{1,32};?)")]
    private static partial Regex Reference();

    private static string Replace(string reference)
    {
        if (reference[1] == '#') return Number(reference[2..].TrimEnd(';'));
        string name = reference[1..];
        if (name.EndsWith(';') && Named(name[..^1]) is { } known) return known;
        // Names of the first standard also count without a semicolon, and then inside longer words.
        for (int length = name.Length; length >= 2; length--)
        {
            if (Named(name[..length]) is { Length: 1 } old && old[0] < 0x100 && name[..length] != "apos")
                return old + name[length..];
        }
        return reference;
    }

    private static string? Named(string name)
    {
        if (name is "AMP" or "LT" or "GT" or "QUOT" or "COPY" or "REG") name = name.ToLowerInvariant();
        string reference = $"&{name};";
        string value = WebUtility.HtmlDecode(reference);
        return value != reference && !name.StartsWith('#') ? value : null;
    }

    private static string Number(string digits)
    {
        bool hexadecimal = digits[0] is 'x' or 'X';
        NumberStyles style = hexadecimal ? NumberStyles.AllowHexSpecifier : NumberStyles.None;
        ReadOnlySpan<char> number = digits.AsSpan(hexadecimal ? 1 : 0);
        if (!int.TryParse(number, style, CultureInfo.InvariantCulture, out int code) || code < 0) code = int.MaxValue;
        if (code is >= 0x80 and < 0xA0) return Windows1252.Decode((byte)code).ToString();
        if (code == 0 || !Rune.IsValid(code)) return "\uFFFD";
        bool forbidden = code is (>= 1 and <= 8) or 0xB or (>= 0xE and <= 0x1F) or 0x7F or (>= 0xFDD0 and <= 0xFDEF)
            || (code & 0xFFFE) == 0xFFFE;
        return forbidden ? "" : new Rune(code).ToString();
    }
}
