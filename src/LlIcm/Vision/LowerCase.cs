using System.Globalization;
using System.Text;

namespace LlIcm.Vision;

/// <summary>
/// Lower case as Python's <c>str.lower</c> makes it: Unicode's full mapping, without regard to a language.
/// </summary>
internal static class LowerCase
{
    private const char Sigma = 'Σ', FinalSigma = 'ς', DottedI = 'İ';

    /// <summary>The text in lower case.</summary>
    public static string Of(string text)
    {
        string lower = text.ToLowerInvariant();
        if (!text.AsSpan().ContainsAny(Sigma, DottedI)) return lower;
        // The two characters that the one-to-one mapping gets wrong.
        var result = new StringBuilder(lower.Length + 4);
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] == DottedI) result.Append("i\u0307");
            else if (text[i] == Sigma && EndsWord(text, i)) result.Append(FinalSigma);
            else result.Append(lower[i]);
        }
        return result.ToString();
    }

    private static bool EndsWord(string text, int at)
    {
        int before = at - 1, after = at + 1;
        while (before >= 0 && IsIgnored(text[before])) before--;
        while (after < text.Length && IsIgnored(text[after])) after++;
        return before >= 0 && IsCased(text[before]) && !(after < text.Length && IsCased(text[after]));
    }

    private static bool IsCased(char c) => char.GetUnicodeCategory(c) <= UnicodeCategory.TitlecaseLetter;

    private static bool IsIgnored(char c) => c is '\'' or '.' or ':' or '·' or '\u2019' or '^' or '`' or '¨'
        || char.GetUnicodeCategory(c) is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark
            or UnicodeCategory.Format or UnicodeCategory.ModifierLetter or UnicodeCategory.ModifierSymbol;
}
