using System.Text;
using System.Text.RegularExpressions;

namespace LlIcm.Vision;

/// <summary>
/// The part of ftfy's <c>fix_text</c> (github.com/rspeer/python-ftfy) that changes how prompts are tokenised:
/// references, UTF-8 mistaken for Windows-1252, ligatures, full-width forms, curly quotes, controls, composed form.
/// What ftfy weighs by statistics is decided strictly here: a line is taken for mistaken only if all of it turns out
/// to be UTF-8.
/// </summary>
internal static partial class TextRepair
{
    private const string HalfWidth =
        "。「」、・ヲァィゥェォャュョッーアイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワン\u3099\u309A";

    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    private static readonly Dictionary<char, string> Ligatures = new()
    {
        ['Ĳ'] = "IJ",
        ['ĳ'] = "ij",
        ['ŉ'] = "ʼn",
        ['Ǳ'] = "DZ",
        ['ǲ'] = "Dz",
        ['ǳ'] = "dz",
        ['Ǆ'] = "DŽ",
        ['ǅ'] = "Dž",
        ['ǆ'] = "dž",
        ['Ǉ'] = "LJ",
        ['ǈ'] = "Lj",
        ['ǉ'] = "lj",
        ['Ǌ'] = "NJ",
        ['ǋ'] = "Nj",
        ['ǌ'] = "nj",
        ['ﬀ'] = "ff",
        ['ﬁ'] = "fi",
        ['ﬂ'] = "fl",
        ['ﬃ'] = "ffi",
        ['ﬄ'] = "ffl",
        ['ﬅ'] = "ſt",
        ['ﬆ'] = "st",
    };

    /// <summary>The repaired text.</summary>
    public static string Of(string text)
    {
        bool markup = text.Contains('<');
        string[] lines = text.Split('\n');
        for (int i = 0; i < lines.Length; i++) lines[i] = Line(lines[i], markup);
        return string.Join('\n', lines);
    }

    private static string Line(string line, bool markup)
    {
        // Damage comes in layers, each of which can show only when the one above is gone; every round takes one off,
        // and a round that takes nothing off is the last.
        for (int round = 0; round < 8; round++)
        {
            string before = line;
            if (!markup) line = CompleteReference().Replace(line, match => HtmlEntities.Unescape(match.Value));
            line = DecodeMistaken(line);
            line = TerminalEscape().Replace(line, "");
            line = ComposedForm.Of(Characters(line));
            if (line == before) break;
        }
        return line;
    }

    [GeneratedRegex("&#?[0-9A-Za-z]{1,24};")]
    private static partial Regex CompleteReference();

    [GeneratedRegex(@"\x1B\[[0-9;]*[a-zA-Z]")]
    private static partial Regex TerminalEscape();

    private static string DecodeMistaken(string line)
    {
        if (!line.AsSpan().ContainsAnyExceptInRange('\0', '\u007F')) return line;
        var bytes = new byte[line.Length];
        for (int i = 0; i < bytes.Length; i++)
        {
            if (Windows1252.Encode(line[i]) is not { } value) return line;
            bytes[i] = value;
        }
        try
        {
            return StrictUtf8.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            return line;
        }
    }

    private static string Characters(string line)
    {
        if (!line.AsSpan().ContainsAnyExceptInRange(' ', '~')) return line;
        var result = new StringBuilder(line.Length);
        foreach (char original in line)
        {
            char c = original is >= '\u0080' and < '\u00A0' ? Windows1252.Decode((byte)original) : original;
            if (Ligatures.TryGetValue(c, out string? letters)) result.Append(letters);
            else if (!IsRemoved(c)) result.Append(Plain(c));
        }
        return result.ToString();
    }

    private static bool IsRemoved(char c) =>
        c is (< ' ' and not ('\t' or '\n' or '\f' or '\r')) or '\u007F' or (>= '\u206A' and <= '\u206F') or '\uFEFF'
            or (>= '\uFFF9' and <= '\uFFFC');

    private static char Plain(char c) => c switch
    {
        '\r' or '\u2028' or '\u2029' or '\u0085' => '\n',
        '\u02BC' or (>= '\u2018' and <= '\u201B') => '\'',
        >= '\u201C' and <= '\u201F' => '"',
        '\u3000' => ' ',
        >= '\uFF01' and <= '\uFF5E' => (char)(c - 0xFEE0),
        >= '\uFF61' and <= '\uFF9F' => HalfWidth[c - '\uFF61'],
        >= '\uFFE0' and <= '\uFFE6' => "¢£¬¯¦¥₩"[c - '\uFFE0'],
        _ => c,
    };
}
