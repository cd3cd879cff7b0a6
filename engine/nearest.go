package engine

// Nearest returns the name that differs least from s, or "" when none is near.
func Nearest(s string, names []string) string {
	best, bestDistance := "", max(len(s)/2, 2)+1
	for _, n := range names {
		if d := Distance(s, n); d < bestDistance || d == bestDistance && best != "" && n < best {
			best, bestDistance = n, d
		}
	}
	return best
}

// Distance is Levenshtein's: how many letters to add, drop or change.
func Distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
