namespace LlIcm.Imaging;

/// <summary>A drawn line of text: how much ink, 0–255, is on each pixel, row after row.</summary>
internal sealed record TextMask(int Width, int Height, byte[] Ink);
