namespace LlIcm.Benchmark.Reports;

/// <summary>One picture on one line at one setting, measured.</summary>
/// <param name="Set">The set.</param>
/// <param name="Picture">The picture.</param>
/// <param name="Line">The line.</param>
/// <param name="Setting">The codec's setting.</param>
/// <param name="Bytes">Length of the coded file.</param>
/// <param name="BitsPerPixel">The rate.</param>
/// <param name="Values">Each metric that has a value.</param>
/// <param name="EncodeSeconds">Seconds of encoding, while other pictures may have been worked on.</param>
/// <param name="DecodeSeconds">Seconds of decoding, likewise.</param>
/// <param name="RestoreSeconds">Seconds of restoring, likewise; null where nothing is restored.</param>
/// <param name="File">The file of the picture that was measured.</param>
public sealed record ResultRow(
    string Set, string Picture, string Line, double Setting, long Bytes, double BitsPerPixel, IReadOnlyDictionary<string, double> Values,
    double EncodeSeconds, double DecodeSeconds, double? RestoreSeconds, string File);
