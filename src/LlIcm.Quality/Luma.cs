namespace LlIcm.Quality;

/// <summary>BT.601 luma of 8-bit RGB.</summary>
internal static class Luma
{
    /// <summary>0.299 R + 0.587 G + 0.114 B: 0 – 255.</summary>
    public static double Full(byte r, byte g, byte b) => 0.299 * r + 0.587 * g + 0.114 * b;

    /// <summary>16 + (65.481 R + 128.553 G + 24.966 B)/255: 16 – 235.</summary>
    public static double Limited(byte r, byte g, byte b) => 16 + (65.481 * r + 128.553 * g + 24.966 * b) / 255;

    /// <summary>
    /// Full-range luma in [0, 1] as IQA-PyTorch computes it, in single precision: its roundings decide which way the
    /// many exact ties (multiples of 1/1000) go when it is rounded to 8 bits afterwards.
    /// </summary>
    public static float Unit(byte r, byte g, byte b) =>
        MathF.FusedMultiplyAdd(b / 255f, 0.114f, MathF.FusedMultiplyAdd(g / 255f, 0.587f, r / 255f * 0.299f));
}
