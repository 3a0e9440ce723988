namespace LlIcm.Training.Degradations;

/// <summary>
/// The blur of a camera that moves along a bent, trembling path during the exposure; mixed in linear light.
/// </summary>
public sealed class MotionBlur(MotionBlurOptions? options = null) : DegradationModel
{
    private readonly MotionBlurOptions _options = options ?? new MotionBlurOptions();

    /// <inheritdoc/>
    public override Degradation Kind => Degradation.MotionBlurry;

    private protected override float[]? Spoil(PlanarImage image, Xoshiro256 random, float severity)
    {
        int width = image.Width, height = image.Height;
        float[] kernel = Kernel(random, _options.Length.At(severity), out int radius);
        int side = 2 * radius + 1, paddedWidth = width + 2 * radius;
        float[] padded = new float[paddedWidth * (height + 2 * radius)];
        for (int c = 0; c < 3; c++)
        {
            Span<float> plane = image.Plane(c);
            for (int y = 0; y < height + 2 * radius; y++)
            {
                ReadOnlySpan<float> from = plane.Slice(Math.Clamp(y - radius, 0, height - 1) * width, width);
                Span<float> to = padded.AsSpan(y * paddedWidth, paddedWidth);
                for (int x = 0; x < width; x++) to[x + radius] = Srgb.Decode(from[x]);
                to[..radius].Fill(to[radius]);
                to[(radius + width)..].Fill(to[radius + width - 1]);
            }
            plane.Clear();
            for (int y = 0; y < height; y++)
            {
                Span<float> row = plane.Slice(y * width, width);
                for (int k = 0; k < kernel.Length; k++)
                {
                    if (kernel[k] == 0f) continue;
                    Field.Add(row, padded.AsSpan((y + k / side) * paddedWidth + k % side, width), kernel[k]);
                }
                for (int x = 0; x < width; x++) row[x] = Srgb.Encode(row[x]);
            }
        }
        return null;
    }

    // The path's time at each pixel, [2 radius + 1, 2 radius + 1]; sums to 1, centre of mass in the middle.
    private float[] Kernel(Xoshiro256 random, float length, out int radius)
    {
        int steps = Math.Max(8, (int)(3f * length));
        float turn = random.NextFloat(0f, 2f * MathF.PI), bend = random.NextFloat(_options.Bend) / steps;
        Span<(float X, float Y)> path = stackalloc (float, float)[Math.Min(steps, 1024)];
        float x = 0f, y = 0f, meanX = 0f, meanY = 0f, step = length / path.Length;
        for (int i = 0; i < path.Length; i++)
        {
            path[i] = (x, y);
            meanX += x / path.Length;
            meanY += y / path.Length;
            turn += bend + 0.12f * random.NextNormal();
            x += step * MathF.Cos(turn);
            y += step * MathF.Sin(turn);
        }
        float reach = 0f;
        foreach ((float px, float py) in path)
            reach = Math.Max(reach, Math.Max(Math.Abs(px - meanX), Math.Abs(py - meanY)));
        radius = (int)reach + 1;
        int side = 2 * radius + 1;
        float[] kernel = new float[side * side];
        foreach ((float px, float py) in path)
        {
            float kx = px - meanX + radius, ky = py - meanY + radius;
            int left = (int)kx, top = (int)ky;
            float right = kx - left, below = ky - top;
            kernel[top * side + left] += (1f - right) * (1f - below) / path.Length;
            kernel[top * side + left + 1] += right * (1f - below) / path.Length;
            kernel[(top + 1) * side + left] += (1f - right) * below / path.Length;
            kernel[(top + 1) * side + left + 1] += right * below / path.Length;
        }
        return kernel;
    }
}
