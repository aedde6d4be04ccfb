// What is written where a users file is expected and none is there. It names no user, so that nobody can sign in with what everybody knows.

export const exampleUsers = `---
# The users of Latchkey. \`latchkey user add NAME\` adds one here. Or remove the comment signs, change the names, and put
# a hash made by \`latchkey crypto hash generate\` in place of the dots.

users:
#  jane:
#    displayname: 'Jane Doe'
#    password: '$argon2id$v=19$m=65536,t=3,p=4$...'
#    email: 'jane@example.com'
#    groups:
#      - 'admins'
#    disabled: false
`
