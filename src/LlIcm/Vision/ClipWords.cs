using System.Globalization;
using System.Text;

namespace LlIcm.Vision;

/// <summary>
/// Cuts a cleaned text into the words of CLIP's pattern: the markers, English contractions, runs of letters, single
/// digits, runs of anything else but white space. Written by hand because .NET's patterns see UTF-16 units, and letters
/// above U+FFFF are two of them.
/// </summary>
internal static class ClipWords
{
    private static readonly string[] Contractions = ["'s", "'t", "'re", "'ve", "'m", "'ll", "'d"];

    private enum Kind
    {
        Space,
        Letter,
        Digit,
        Other,
    }

    /// <summary>Length of the word that begins at a position; zero for white space.</summary>
    public static int LengthAt(string text, int at, params ReadOnlySpan<string> markers)
    {
        ReadOnlySpan<char> rest = text.AsSpan(at);
        foreach (string marker in markers) if (rest.StartsWith(marker, StringComparison.Ordinal)) return marker.Length;
        foreach (string contraction in Contractions)
            if (rest.StartsWith(contraction, StringComparison.Ordinal)) return contraction.Length;

        Kind kind = KindAt(rest, out int length);
        if (kind == Kind.Space) return 0;
        if (kind == Kind.Digit) return length;
        while (length < rest.Length && KindAt(rest[length..], out int next) == kind) length += next;
        return length;
    }

    private static Kind KindAt(ReadOnlySpan<char> text, out int length)
    {
        Rune.DecodeFromUtf16(text, out Rune rune, out length);
        if (Rune.IsWhiteSpace(rune)) return Kind.Space;
        return Rune.GetUnicodeCategory(rune) switch
        {
            <= UnicodeCategory.OtherLetter => Kind.Letter,
            UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber
                or UnicodeCategory.OtherNumber => Kind.Digit,
            _ => Kind.Other,
        };
    }
}
