namespace LlIcm.Training.Degradations;

/// <summary>The sRGB transfer curve by tables, accurate to about 1/4 of an 8-bit level.</summary>
internal static class Srgb
{
    private const int EncodeSize = 4096;
    private static readonly float[] s_decode = Table(
        256, v => v <= 0.04045 ? v / 12.92 : Math.Pow((v + 0.055) / 1.055, 2.4));

    // Indexed by the square root of the light, since the curve is steep near black.
    private static readonly float[] s_encode = Table(
        EncodeSize, v => v * v <= 0.0031308 ? 12.92 * v * v : 1.055 * Math.Pow(v * v, 1 / 2.4) - 0.055);

    /// <summary>Linear light of an sRGB value, both 0–1; the value is rounded to 8 bits first.</summary>
    public static float Decode(float value) => s_decode[(int)(Math.Clamp(value, 0f, 1f) * 255f + 0.5f)];

    /// <summary>The sRGB value of linear light, limited to 0–1.</summary>
    public static float Encode(float light) =>
        s_encode[(int)(MathF.Sqrt(Math.Clamp(light, 0f, 1f)) * (EncodeSize - 1) + 0.5f)];

    private static float[] Table(int size, Func<double, double> curve) =>
        [.. Enumerable.Range(0, size).Select(i => (float)curve(i / (size - 1.0)))];
}
