using LlIcm.Imaging;

namespace LlIcm.Benchmark.Restorers;

/// <summary>
/// Inpainting by fast marching (Telea, Journal of Graphics Tools 2004): from the edge of a hole inwards, each pixel becomes a weighted mean of what its
/// known neighbours and their gradients predict.
/// </summary>
public sealed class TeleaInpainting : IRestorerUnderTest
{
    private const byte Known = 0, Band = 1, Inside = 2;
    private const float Far = 1e6f;

    /// <summary>How far neighbours lie at most, in pixels.</summary>
    public int Radius { get; init; } = 3;

    /// <inheritdoc/>
    public string Name => "Telea";

    /// <inheritdoc/>
    public string Settings => FormattableString.Invariant($"radius {Radius}");

    /// <inheritdoc/>
    public bool Serves(Degradation task) => task is Degradation.Uncompleted;

    /// <inheritdoc/>
    public Picture Restore(Picture picture, Picture? mask, Degradation task)
    {
        if (mask is null || HoleMask.Read(mask, picture.Width, picture.Height) is not { } holes || !holes.Contains(false)) return picture;
        Planes rgb = Planes.Of(picture);
        March(rgb, holes);
        return rgb.ToPicture();
    }

    private void March(Planes rgb, bool[] holes)
    {
        (int width, int height) = (rgb.Width, rgb.Height);
        byte[] state = new byte[holes.Length];
        float[] time = new float[holes.Length];
        var queue = new PriorityQueue<int, float>();
        for (int i = 0; i < holes.Length; i++) (state[i], time[i]) = holes[i] ? (Inside, Far) : (Known, 0f);
        for (int i = 0; i < holes.Length; i++)
        {
            if (!holes[i]) continue;
            foreach (int next in Neighbours(i, width, height))
            {
                if (state[next] != Known) continue;
                state[next] = Band;
                queue.Enqueue(next, 0);
            }
        }
        OutsideTimes(time, holes, width, height);
        while (queue.TryDequeue(out int at, out _))
        {
            state[at] = Known;
            foreach (int next in Neighbours(at, width, height))
            {
                if (state[next] != Inside) continue;
                time[next] = Arrival(time, state, next, width, height);
                foreach (float[] plane in rgb.Values) plane[next] = Predict(plane, time, state, next, width, height);
                state[next] = Band;
                queue.Enqueue(next, time[next]);
            }
        }
    }

    // Known pixels near a hole get the negative of their distance from it, which weighs them.
    private void OutsideTimes(float[] time, bool[] holes, int width, int height)
    {
        var queue = new Queue<(int At, int Steps)>();
        var seen = new HashSet<int>();
        for (int i = 0; i < holes.Length; i++)
        {
            if (!holes[i]) continue;
            foreach (int next in Neighbours(i, width, height))
                if (!holes[next] && seen.Add(next)) queue.Enqueue((next, 0));
        }
        while (queue.TryDequeue(out (int At, int Steps) each))
        {
            time[each.At] = -each.Steps;
            if (each.Steps >= 2 * Radius) continue;
            foreach (int next in Neighbours(each.At, width, height))
                if (!holes[next] && seen.Add(next)) queue.Enqueue((next, each.Steps + 1));
        }
    }

    private float Predict(float[] plane, float[] time, byte[] state, int at, int width, int height)
    {
        (int x, int y) = (at % width, at / width);
        // The pixel's own time is known already.
        state[at] = Band;
        (float normalX, float normalY) = Gradient(time, state, x, y, width, height);
        state[at] = Inside;
        float sum = 0, slope = 0, weights = 1e-20f;
        for (int ny = Math.Max(0, y - Radius); ny <= Math.Min(height - 1, y + Radius); ny++)
        {
            for (int nx = Math.Max(0, x - Radius); nx <= Math.Min(width - 1, x + Radius); nx++)
            {
                int from = ny * width + nx;
                float dx = x - nx, dy = y - ny, square = dx * dx + dy * dy;
                if (state[from] == Inside || square == 0 || square > Radius * Radius) continue;
                float length = MathF.Sqrt(square);
                float direction = (dx * normalX + dy * normalY) / length;
                if (Math.Abs(direction) <= 0.01f) direction = 1e-6f;
                float weight = Math.Abs(direction / square / (1 + Math.Abs(time[from] - time[at])));
                (float gradientX, float gradientY) = Gradient(plane, state, nx, ny, width, height);
                sum += weight * plane[from];
                slope += weight * (gradientX * dx + gradientY * dy);
                weights += weight;
            }
        }
        // What the gradients predict adds up over the width of a hole: it is bounded to a level a pixel, as in OpenCV.
        return Math.Clamp(sum / weights + Math.Clamp(slope / weights, -1f, 1f), 0f, 255f);
    }

    // Differences over known neighbours alone.
    private static (float X, float Y) Gradient(float[] plane, byte[] state, int x, int y, int width, int height)
    {
        int at = y * width + x;
        float Along(bool before, int previous, bool after, int next)
        {
            before = before && state[previous] != Inside;
            after = after && state[next] != Inside;
            if (before && after) return (plane[next] - plane[previous]) / 2;
            if (state[at] == Inside) return 0;
            return after ? plane[next] - plane[at] : before ? plane[at] - plane[previous] : 0;
        }
        return (Along(x > 0, at - 1, x + 1 < width, at + 1), Along(y > 0, at - width, y + 1 < height, at + width));
    }

    // The front's time from its known neighbours: |∇T| = 1.
    private static float Arrival(float[] time, byte[] state, int at, int width, int height)
    {
        (int x, int y) = (at % width, at / width);
        float Time(int nx, int ny) => nx >= 0 && nx < width && ny >= 0 && ny < height && state[ny * width + nx] != Inside ? Math.Max(0, time[ny * width + nx]) : Far;
        float horizontal = Math.Min(Time(x - 1, y), Time(x + 1, y)), vertical = Math.Min(Time(x, y - 1), Time(x, y + 1));
        float difference = Math.Abs(horizontal - vertical);
        return difference < 1 ? (horizontal + vertical + MathF.Sqrt(2 - difference * difference)) / 2 : Math.Min(horizontal, vertical) + 1;
    }

    private static IEnumerable<int> Neighbours(int at, int width, int height)
    {
        (int x, int y) = (at % width, at / width);
        if (x > 0) yield return at - 1;
        if (x + 1 < width) yield return at + 1;
        if (y > 0) yield return at - width;
        if (y + 1 < height) yield return at + width;
    }
}
