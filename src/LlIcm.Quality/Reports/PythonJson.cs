namespace LlIcm.Quality;

/// <summary>JSON as Python writes it.</summary>
internal static class PythonJson
{
    /// <summary>Proper JSON: without a byte order mark, and with null for the NaN, Infinity and -Infinity that Python's writer lets through.</summary>
    public static byte[] ToJson(ReadOnlySpan<byte> text)
    {
        if (text.StartsWith((byte[])[0xEF, 0xBB, 0xBF])) text = text[3..];
        var json = new List<byte>(text.Length);
        bool inString = false;
        for (int i = 0; i < text.Length; i++)
        {
            byte at = text[i];
            if (inString)
            {
                json.Add(at);
                if (at == (byte)'\\' && i + 1 < text.Length) json.Add(text[++i]);
                else if (at == (byte)'"') inString = false;
                continue;
            }
            int length = text[i..] switch
            {
                var rest when rest.StartsWith("NaN"u8) => 3,
                var rest when rest.StartsWith("Infinity"u8) => 8,
                var rest when rest.StartsWith("-Infinity"u8) => 9,
                _ => 0,
            };
            if (length > 0)
            {
                json.AddRange("null"u8);
                i += length - 1;
                continue;
            }
            inString = at == (byte)'"';
            json.Add(at);
        }
        return [.. json];
    }
}
