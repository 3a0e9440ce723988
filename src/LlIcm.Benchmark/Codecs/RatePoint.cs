namespace LlIcm.Benchmark;

/// <summary>Means over a set of pictures at one setting.</summary>
/// <param name="Setting">The codec's quality setting.</param>
/// <param name="BitsPerPixel">From the files' lengths.</param>
/// <param name="Psnr">Of RGB, in dB; mean of the pictures' values.</param>
/// <param name="MsSsim">Of RGB, 0 … 1; not a number for pictures that are too small.</param>
public sealed record RatePoint(double Setting, double BitsPerPixel, double Psnr, double MsSsim);
